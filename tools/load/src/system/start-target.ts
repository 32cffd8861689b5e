import { type Program, startProgram, waitFor } from '@frame-buffer/bench';
import { freePort, provideRedis } from '@frame-buffer/setup';
import type { LoadOptions } from '../options.ts';
import { READY, type SimulatedProcessor, type SimulationSettings } from '../programs/settings.ts';
import { collectedHeapMiB } from './heap.ts';
import { residentMiB } from './memory.ts';
import type { Target } from './target.ts';

export interface StartTargetOptions {
  readonly options: LoadOptions;
  readonly say: (line: string) => void;
  readonly signal: AbortSignal;
}

const ORCHESTRATOR = new URL('../../../../apps/orchestrator/src/main.ts', import.meta.url);
const PROCESSORS = new URL('../programs/processors.ts', import.meta.url);

/**
 * Starts what the command line doesn't say is there: Redis, orchestrators, simulated processors, each a process of its own.
 * @throws Error with the last words of a program that doesn't come up
 */
export async function startTarget({ options, say, signal }: StartTargetOptions): Promise<Target> {
  const { running } = options;
  // Never one that a variable happens to name: nobody wants that kind of load by accident.
  const redis = await provideRedis({ redisUrl: running?.redisUrl, signal });
  const orchestrators: Program[] = [];
  const inspectorPorts: number[] = [];
  const urls = [...(running?.orchestratorUrls ?? [])];
  let processors: Program | undefined;
  const stop = async (): Promise<void> => {
    await processors?.stop();
    await Promise.all(orchestrators.map((program) => program.stop()));
    await redis.stop();
  };

  async function startOrchestrator(name: string): Promise<void> {
    const port = await freePort();
    const inspectorPort = await freePort();
    const url = `http://127.0.0.1:${port}`;
    const env = { REDIS_URL: redis.url, PORT: String(port), HOST: '127.0.0.1', ORCHESTRATOR_ID: name };
    const program = startProgram({
      name,
      main: ORCHESTRATOR,
      nodeArgs: [`--inspect=127.0.0.1:${inspectorPort}`],
      env: { LOG_LEVEL: 'warn', API_TOKEN: '', ...options.settings, ...env },
    });
    orchestrators.push(program);
    inspectorPorts.push(inspectorPort);
    const ready = (): Promise<boolean> =>
      fetch(`${url}/health/ready`, { signal }).then(
        ({ ok }) => ok,
        () => false,
      );
    await waitFor(ready, { what: `${name} to be ready`, program, signal });
    urls.push(url);
    say(`${name}  ${url} (pid ${program.pid})`);
  }

  async function startProcessors(list: readonly SimulatedProcessor[]): Promise<void> {
    const { service, concurrency, capacity } = options;
    const [orchestratorUrl] = urls;
    if (orchestratorUrl === undefined)
      throw new Error('simulated processors register at an orchestrator: give its address');
    const settings: SimulationSettings = {
      redisUrl: redis.url,
      orchestratorUrl,
      processors: list,
      service,
      concurrency,
      capacity,
    };
    const program = (processors = startProgram({
      name: 'the processors',
      main: PROCESSORS,
      args: [JSON.stringify(settings)],
    }));
    const registered = async (): Promise<boolean> => program.tail().includes(READY);
    await waitFor(registered, { what: 'the processors to register', program, signal });
    const perSecond = (list.length * concurrency * 1000) / service.meanMs;
    say(
      `processors      ${list.length}, ${concurrency} frames at once each, ${service.meanMs} ms (${service.shape}): ${perSecond.toFixed(0)} frames/s in all`,
    );
  }

  try {
    say(`redis           ${redis.url} (${running ? 'running' : redis.origin})`);
    if (!running)
      await Promise.all(
        Array.from({ length: options.orchestrators }, (_none, i) =>
          startOrchestrator(`orchestrator-${i + 1}`),
        ),
      );
    if (options.processors.length > 0) await startProcessors(options.processors);
  } catch (error) {
    await stop();
    throw error;
  }
  return {
    redisUrl: redis.url,
    orchestratorUrls: urls,
    memoryMiB: () => largest(orchestrators.map(({ pid }) => residentMiB(pid))),
    collectedHeapMiB: async () => largest(await Promise.all(inspectorPorts.map(collectedHeapMiB))),
    ended: () => {
      const gone = [...orchestrators, ...(processors ? [processors] : [])].find((one) => !one.running());
      return gone && `${gone.name} has ended; its last words:\n${gone.tail()}`;
    },
    stop,
  };
}

function largest(sizes: readonly (number | undefined)[]): number | undefined {
  const known = sizes.filter((size) => size !== undefined);
  return known.length > 0 ? Math.max(...known) : undefined;
}
