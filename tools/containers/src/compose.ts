import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);
const FOLDER = join(import.meta.dirname, '../../../docker');
const MAX_OUTPUT = 64 * 1024 * 1024;

/** Both speak the same files; the older one is what Debian has. */
const COMMANDS = [['docker', 'compose'], ['docker-compose']] as const;

/** @returns the words that compose is called by here; undefined where there is none */
export async function findCompose(
  commands: readonly (readonly [string, ...string[]])[] = COMMANDS,
): Promise<readonly [string, ...string[]] | undefined> {
  for (const command of commands) {
    const [program, ...words] = command;
    try {
      await run(program, [...words, 'version']);
      return command;
    } catch {
      // The next one, then.
    }
  }
  return undefined;
}

export interface ComposeOptions {
  /** Name of the project. */
  readonly name: string;
  /** Of docker/. */
  readonly files: readonly string[];
  /** What the files take from the environment. */
  readonly env?: Readonly<Record<string, string>>;
}

/** @returns its standard output @throws Error with what it wrote */
export type Compose = (timeoutMs: number, ...args: string[]) => Promise<string>;

/** Compose for some of the files in docker/. @throws Error where there is none */
export async function composeOf({ name, files, env }: ComposeOptions): Promise<Compose> {
  const command = await findCompose();
  if (!command) throw new Error('there is neither docker compose nor docker-compose');
  const [program, ...words] = command;
  const common = [...words, '-p', name, ...files.flatMap((file) => ['-f', join(FOLDER, file)])];
  return async (timeout, ...args) => {
    const { stdout } = await run(program, [...common, ...args], {
      env: { ...process.env, ...env },
      maxBuffer: MAX_OUTPUT,
      timeout,
    });
    return stdout.trim();
  };
}
