import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { docker } from './docker.ts';

const run = promisify(execFile);
const FOLDER = join(import.meta.dirname, '../../../docker');
const MAX_OUTPUT = 64 * 1024 * 1024;
/** Compose itself waits until what others depend on is healthy. */
const UP_MS = 180_000;
/** Longer than `stop_grace_period`. */
const STOP_MS = 60_000;

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

/** The services of some of the files in docker/, under a name of their own. */
export interface Stack {
  up(...services: string[]): Promise<void>;
  /** What compose understands of the files. */
  config(): Promise<string>;
  /** Ids of a service's containers. */
  containers(service: string): Promise<readonly string[]>;
  /** SIGKILL, to one container. Compose leaves alone what is killed so. */
  kill(container: string): Promise<void>;
  /** SIGTERM, to a service. */
  stop(service: string): Promise<void>;
  logs(): Promise<string>;
  /** With networks and volumes. */
  remove(): Promise<void>;
}

export interface StackOptions {
  readonly name: string;
  /** Of docker/. */
  readonly files: readonly string[];
  /** What the files take from the environment. */
  readonly env: Readonly<Record<string, string>>;
}

/** @throws Error where there is no compose */
export async function createStack({ name, files, env }: StackOptions): Promise<Stack> {
  const command = await findCompose();
  if (!command) throw new Error('there is neither docker compose nor docker-compose');
  const [program, ...words] = command;
  const common = [...words, '-p', name, ...files.flatMap((file) => ['-f', join(FOLDER, file)])];
  async function compose(timeout: number, ...args: string[]): Promise<string> {
    const { stdout } = await run(program, [...common, ...args], {
      env: { ...process.env, ...env },
      maxBuffer: MAX_OUTPUT,
      timeout,
    });
    return stdout.trim();
  }
  return {
    up: async (...services) => void (await compose(UP_MS, 'up', '--detach', '--no-build', ...services)),
    config: () => compose(STOP_MS, 'config'),
    containers: async (service) => (await compose(STOP_MS, 'ps', '-q', service)).split(/\s+/).filter(Boolean),
    kill: async (container) => void (await docker('kill', container)),
    stop: async (service) => void (await compose(STOP_MS, 'stop', service)),
    logs: () => compose(STOP_MS, 'logs', '--no-color', '--tail', '50'),
    remove: async () => void (await compose(STOP_MS * 2, 'down', '--volumes', '--timeout', '5')),
  };
}
