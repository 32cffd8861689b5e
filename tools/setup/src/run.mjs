// node tools/setup/src/run.mjs <main.ts> [arguments]
// Runs a program of this repository on a machine that has git, Node and npm: what else it needs is set up first.
// Plain JavaScript without dependencies, since it runs before anything is installed.
const MIN_NODE_MAJOR = 20;
const USAGE_EXIT_CODE = 2;

/** @param {string} line */
const say = (line) => void process.stderr.write(`${line}\n`);

const [main, ...args] = process.argv.slice(2);
if (Number.parseInt(process.versions.node, 10) < MIN_NODE_MAJOR) {
  say(
    `Frame Buffer needs Node.js ${MIN_NODE_MAJOR} or newer, and this is ${process.version}: install it from https://nodejs.org, and run the command again.`,
  );
  process.exitCode = USAGE_EXIT_CODE;
} else if (main === undefined) {
  say('usage: node tools/setup/src/run.mjs <main.ts> [arguments]');
  process.exitCode = USAGE_EXIT_CODE;
} else {
  await run(main);
}

/** @param {string} program */
async function run(program) {
  // Loaded only now: an older Node may not even understand them.
  const { fileURLToPath } = await import('node:url');
  const { needsOf } = await import('./needs.mjs');
  const { ensurePackages } = await import('./packages.mjs');
  const { provision } = await import('./provision.mjs');
  const { runMain } = await import('./run-main.mjs');
  const { SetupError } = await import('./setup-error.mjs');
  const root = fileURLToPath(new URL('../../..', import.meta.url));
  try {
    ensurePackages(root, say);
    const more = provision(needsOf(program, args), process.env, say);
    process.exitCode = await runMain({ root, main: program, args, env: { ...process.env, ...more } });
  } catch (error) {
    if (!(error instanceof SetupError)) throw error;
    say(error.message);
    process.exitCode = USAGE_EXIT_CODE;
  }
}
