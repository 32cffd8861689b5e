import { type Lane, scheduleOf, type Step } from './random-schedule.ts';
import type { Scenario, Scene } from './scenario.ts';
import { PROCESSOR_LEASE_MS, type Stage, type Worker } from './stage/stage.ts';

const COUNT = 5;

/** Combinations of everything, each from a seed of its own. */
export const RANDOM_SCENARIOS: readonly Scenario[] = Array.from({ length: COUNT }, (_none, i) => ({
  name: `random-${i + 1}`,
  about:
    'kills, standstills, ends and cuts of orchestrators, processors and Redis at the same time, from the seed',
  faults: randomFaults,
}));

async function randomFaults({ stage, rng }: Scene): Promise<number> {
  const schedule = scheduleOf(rng.between(0, 2 ** 31));
  await Promise.all((Object.keys(schedule) as Lane[]).map((lane) => run(stage, lane, schedule[lane])));
  return Date.now() + PROCESSOR_LEASE_MS;
}

async function run(stage: Stage, lane: Lane, steps: readonly Step[]): Promise<void> {
  for (const step of steps) {
    await stage.wait(step.afterMs);
    if (lane === 'redis') await strikeRedis(stage, step);
    else await strikeWorker(stage, lane, step);
  }
}

async function strikeRedis({ store: { server }, wait }: Stage, { act, forMs }: Step): Promise<void> {
  if (act === 'pause') {
    await server.pause();
    await wait(forMs);
    await server.resume();
    return;
  }
  if (act === 'kill') await server.kill();
  if (act === 'kill') await wait(forMs);
  await server.restart();
}

async function strikeWorker(stage: Stage, lane: Exclude<Lane, 'redis'>, step: Step): Promise<void> {
  const living = stage[lane]();
  const victim = living[Math.floor(step.which * living.length)] as Worker;
  switch (step.act) {
    case 'kill':
    case 'terminate':
      await stage[step.act](victim);
      await stage.wait(step.forMs);
      await (lane === 'orchestrators' ? stage.startOrchestrator() : stage.startProcessor());
      return;
    case 'pause':
      stage.pause(victim);
      await stage.wait(step.forMs);
      stage.resume(victim);
      return;
    case 'cut':
      victim.link.cutAll();
      return;
    case 'cut-command':
      await Promise.race([
        victim.link.cutAfter(step.bytes, step.which < 0.5 ? 'up' : 'down'),
        stage.wait(1_000),
      ]);
      return;
    case 'stall':
    case 'stall-answers':
      victim.link.stall(step.act === 'stall' ? undefined : 'down');
      await stage.wait(step.forMs);
      victim.link.resume();
  }
}
