import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { createRng, seedOf } from './rng.ts';
import type { Scenario, ScenarioResult } from './scenario.ts';
import { startStage, type Stage } from './stage/stage.ts';
import { startTraffic, type Traffic } from './traffic/traffic.ts';

export interface RunOptions {
  readonly seed: number;
  readonly signal: AbortSignal;
  /** Each scenario's logs go into a folder of its own there. */
  readonly logDirectory: string;
}

const FRAMES_PER_SECOND = 300;
const ORCHESTRATORS = 2;
const PROCESSORS = 3;
/** The longest take one: what stands still must not hold up the rest of the suite. */
const MAX_SCENARIO_MS = 300_000;
const MAX_RECOVERY_MS = 3_000;
/** Frames go on this long after the recovery, so that what breaks late is seen. */
const AFTERGLOW_MS = 1_000;

/** Starts a system, lets frames flow, does what the scenario says, lets it heal and come to rest, and compares. */
export async function runScenario(scenario: Scenario, given: RunOptions): Promise<ScenarioResult> {
  const options = { ...given, signal: AbortSignal.any([given.signal, AbortSignal.timeout(MAX_SCENARIO_MS)]) };
  const startedMs = performance.now();
  const logDirectory = join(options.logDirectory, scenario.name);
  rmSync(logDirectory, { recursive: true, force: true });
  let stage: Stage | undefined;
  let traffic: Traffic | undefined;
  try {
    stage = await startStage({
      orchestrators: ORCHESTRATORS,
      processors: PROCESSORS,
      redis: 'single',
      routingStrategy: 'least_loaded',
      ...scenario.setup,
      logDirectory,
      signal: options.signal,
    });
    const { url: redisUrl } = stage.store;
    traffic = startTraffic({ redisUrl, framesPerSecond: FRAMES_PER_SECOND, signal: options.signal });
    const result = await unlessAborted(play(scenario, stage, traffic, options), options.signal);
    return { ...result, tookMs: performance.now() - startedMs };
  } finally {
    await traffic?.stop();
    await stage?.stop();
  }
}

async function play(
  scenario: Scenario,
  stage: Stage,
  traffic: Traffic,
  { seed, signal }: RunOptions,
): Promise<Omit<ScenarioResult, 'tookMs'>> {
  const { name, allowed = {} } = scenario;
  const rng = createRng(seedOf(seed, name));
  await traffic.warmUp();
  // At another moment of the system's second each time, and the same one for a seed.
  await stage.wait(rng.between(0, 500));

  const rateBefore = traffic.recentRate();
  const faultStartMs = Date.now();
  const faultEndMs = (await scenario.faults({ stage, publisher: traffic.publisher, rng })) ?? Date.now();
  await stage.heal();
  await sleep(Math.max(0, faultEndMs - Date.now()), undefined, { signal });
  const recoveredMs = await traffic.recovery({ rateBefore, faultEndMs });
  await stage.wait(AFTERGLOW_MS);
  const { faults, notes, ...figures } = await traffic.findings({
    lostInFailover: allowed.lostInFailover === true,
  });

  const limitMs = allowed.recoveryMs ?? MAX_RECOVERY_MS;
  const doneMs = traffic.doneOf(faultStartMs);
  const strandedMs = doneMs === undefined ? undefined : Math.max(0, doneMs - faultEndMs);
  const all = [
    ...faults,
    ...stage.troubles(),
    ...late('completions flowed again', recoveredMs, limitMs),
    ...late('the frames from before the fault were done', strandedMs, limitMs),
  ];
  const recovery = Math.round(Math.max(recoveredMs ?? Date.now() - faultEndMs, strandedMs ?? 0));
  return { name, seed, ...figures, recoveryMs: recovery, passed: all.length === 0, faults: all, notes };
}

/** Whatever it waits for, also what never comes because everything is being ended. */
async function unlessAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  const aborted = Promise.withResolvers<never>();
  const onAbort = (): void => aborted.reject(signal.reason);
  signal.addEventListener('abort', onAbort, { once: true });
  try {
    signal.throwIfAborted();
    return await Promise.race([work, aborted.promise]);
  } finally {
    signal.removeEventListener('abort', onAbort);
  }
}

function late(what: string, ms: number | undefined, limitMs: number): string[] {
  if (ms === undefined) return [`${what}: not in the time that was given`];
  return ms <= limitMs
    ? []
    : [`${what} ${Math.round(ms)} ms after the end of the fault, more than ${limitMs} ms`];
}
