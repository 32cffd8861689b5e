import { randomBytes } from 'node:crypto';
import { freePort, until } from '@frame-buffer/testing';
import { docker } from './docker.ts';
import type { Images } from './images.ts';

export interface ContainerSystem {
  readonly redisUrl: string;
  readonly orchestratorUrls: readonly string[];
  /** Their names. */
  readonly orchestrators: readonly string[];
  readonly processors: readonly string[];
  kill(name: string): Promise<void>;
  start(name: string): Promise<void>;
  pause(name: string): Promise<void>;
  resume(name: string): Promise<void>;
  /** Takes it off the network: its connections neither break nor work. */
  cutOff(name: string): Promise<void>;
  connect(name: string): Promise<void>;
  /** SIGTERM. @returns the exit code */
  stop(name: string): Promise<number>;
  remove(): Promise<void>;
}

const REDIS_IMAGE = 'redis:7-bookworm';
const REDIS_COMMAND = [
  'redis-server',
  '--save',
  '',
  '--appendonly',
  'yes',
  '--maxmemory-policy',
  'noeviction',
  '--protected-mode',
  'no',
];
/** As compose.yaml runs them. */
const HARDENED = [
  '--read-only',
  '--tmpfs',
  '/tmp',
  '--cap-drop',
  'ALL',
  '--security-opt',
  'no-new-privileges',
];
const START_MS = 60_000;

/** Redis, two orchestrators and three processors, each a container, on a network of their own. */
export async function startContainerSystem(images: Images): Promise<ContainerSystem> {
  const run = `frame-buffer-test-${randomBytes(3).toString('hex')}`;
  const named = (role: string): string => `${run}-${role}`;
  const containers: string[] = [];
  await docker('network', 'create', run);

  async function create(
    role: string,
    options: string[],
    image: string,
    ...command: string[]
  ): Promise<string> {
    const name = named(role);
    await docker(
      ...['run', '--detach', '--name', name, '--network', run, '--network-alias', role],
      ...[...options, image, ...command],
    );
    containers.push(name);
    return name;
  }
  const env = (values: Record<string, string>): string[] =>
    Object.entries(values).flatMap(([name, value]) => ['--env', `${name}=${value}`]);

  const system = {
    kill: async (name: string) => void (await docker('kill', name)),
    start: async (name: string) => void (await docker('start', name)),
    pause: async (name: string) => void (await docker('pause', name)),
    resume: async (name: string) => void (await docker('unpause', name)),
    cutOff: async (name: string) => void (await docker('network', 'disconnect', run, name)),
    connect: async (name: string) =>
      void (await docker('network', 'connect', '--alias', name.slice(run.length + 1), run, name)),
    async stop(name: string) {
      await docker('stop', '--time', '15', name);
      return Number(await docker('inspect', '--format', '{{.State.ExitCode}}', name));
    },
    async remove() {
      if (containers.length > 0) await docker('rm', '--force', '--volumes', ...containers);
      await docker('network', 'rm', run);
    },
  };

  try {
    const redisPort = await freePort();
    await create('redis', ['--publish', `127.0.0.1:${redisPort}:6379`], REDIS_IMAGE, ...REDIS_COMMAND);
    const orchestrators: string[] = [];
    const orchestratorUrls: string[] = [];
    for (const i of [1, 2]) {
      const port = await freePort();
      const settings = env({
        REDIS_URL: 'redis://redis:6379',
        HOST: '0.0.0.0',
        ORCHESTRATOR_ID: `orchestrator-${i}`,
      });
      const options = [
        ...HARDENED,
        '--network-alias',
        'orchestrators',
        '--publish',
        `127.0.0.1:${port}:8002`,
      ];
      orchestrators.push(await create(`orchestrator-${i}`, [...options, ...settings], images.orchestrator));
      orchestratorUrls.push(`http://127.0.0.1:${port}`);
    }
    for (const url of orchestratorUrls) await answers(`${url}/health/ready`);
    const processors: string[] = [];
    for (const i of [1, 2, 3]) {
      const settings = env({
        REDIS_URL: 'redis://redis:6379',
        ORCHESTRATOR_URL: 'http://orchestrators:8002',
        PROCESSOR_ID: `processor-${i}`,
      });
      processors.push(await create(`processor-${i}`, [...HARDENED, ...settings], images['sample-processor']));
    }
    await until(
      async () =>
        ((await (await fetch(`${orchestratorUrls[0]}/processors`)).json()) as object[]).length === 3,
      { what: 'the processors to register', deadlineMs: START_MS },
    );
    return {
      redisUrl: `redis://127.0.0.1:${redisPort}`,
      orchestratorUrls,
      orchestrators,
      processors,
      ...system,
    };
  } catch (error) {
    await system.remove();
    throw error;
  }
}

const answers = (url: string): Promise<boolean> =>
  until(async () => (await fetch(url)).ok, { what: `${url} to answer 200`, deadlineMs: START_MS });
