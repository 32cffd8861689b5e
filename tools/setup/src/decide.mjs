import { installPlan } from './package-manager.mjs';

/** @typedef {import('./machine.mjs').Machine} Machine */
/** @typedef {import('./package-manager.mjs').InstallPlan} InstallPlan */

/**
 * @typedef {(
 *   | { kind: 'present', by: string }
 *   | { kind: 'container' }
 *   | { kind: 'install', plan: InstallPlan }
 *   | { kind: 'missing', sentence: string }
 * )} Decision
 */

/**
 * Where Redis comes from: REDIS_URL, a server on the PATH, a Docker engine that answers, the package manager.
 * @param {Machine} machine
 * @returns {Decision}
 */
export function decideRedis(machine) {
  if (machine.env['REDIS_URL']) return { kind: 'present', by: 'REDIS_URL' };
  const command = ['redis-server', 'valkey-server'].find((name) => machine.has(name));
  if (command) return { kind: 'present', by: command };
  if (machine.has('docker') && machine.succeeds('docker', 'info')) return { kind: 'container' };
  const plan = installPlan(machine, 'redis');
  if (plan) return { kind: 'install', plan };
  return {
    kind: 'missing',
    sentence:
      'Redis is missing and cannot be installed from here: install redis-server or valkey-server, start Docker, or set REDIS_URL, and run the command again.',
  };
}

/**
 * Where ffmpeg comes from: FFMPEG_PATH, the PATH, the package manager.
 * @param {Machine} machine
 * @returns {Decision}
 */
export function decideFfmpeg(machine) {
  const configured = machine.env['FFMPEG_PATH'];
  if (configured) {
    if (machine.isProgram(configured)) return { kind: 'present', by: 'FFMPEG_PATH' };
    return {
      kind: 'missing',
      sentence: `FFMPEG_PATH is ${configured}, which is not a program: correct it or unset it, and run the command again.`,
    };
  }
  if (machine.has('ffmpeg')) return { kind: 'present', by: 'ffmpeg' };
  const plan = installPlan(machine, 'ffmpeg');
  if (plan) return { kind: 'install', plan };
  return {
    kind: 'missing',
    sentence:
      'ffmpeg is missing and cannot be installed from here: install it, or set FFMPEG_PATH to its program, and run the command again.',
  };
}

const BROWSERS = [
  'chromium',
  'chromium-browser',
  'google-chrome',
  'google-chrome-stable',
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
];

/**
 * Where the browser of the tests comes from: CHROMIUM_PATH, the PATH, the package manager.
 * @param {Machine} machine
 * @returns {Decision}
 */
export function decideChromium(machine) {
  const configured = machine.env['CHROMIUM_PATH'];
  if (configured) {
    if (machine.isProgram(configured)) return { kind: 'present', by: 'CHROMIUM_PATH' };
    return {
      kind: 'missing',
      sentence: `CHROMIUM_PATH is ${configured}, which is not a program: correct it or unset it, and run the command again.`,
    };
  }
  const command = BROWSERS.find((name) =>
    name.startsWith('/') ? machine.isProgram(name) : machine.has(name),
  );
  if (command) return { kind: 'present', by: command };
  const plan = installPlan(machine, 'chromium');
  if (plan) return { kind: 'install', plan };
  return {
    kind: 'missing',
    sentence:
      'Chromium is missing and cannot be installed from here: install chromium or Google Chrome, or set CHROMIUM_PATH to its program, and run the command again.',
  };
}

/**
 * Where the Prometheus of the tests comes from: the PATH, the package manager. Its promtool, which checks the rules, comes with it.
 * @param {Machine} machine
 * @returns {Decision}
 */
export function decidePrometheus(machine) {
  if (machine.has('prometheus') && machine.has('promtool')) return { kind: 'present', by: 'prometheus' };
  const plan = installPlan(machine, 'prometheus');
  if (plan) return { kind: 'install', plan };
  return {
    kind: 'missing',
    sentence:
      'Prometheus is missing and cannot be installed from here: put prometheus and promtool on the PATH, and run the command again.',
  };
}
