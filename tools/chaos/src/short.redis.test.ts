/** The short form of `npm run chaos`: the four scenarios that tell most, on every test run. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runScenario } from './run-scenario.ts';
import { SCENARIOS } from './scenarios.ts';

const SEED = 1;
const TIMEOUT_MS = 90_000;

describe('every frame is accounted for, and none has two results,', () => {
  const logDirectory = mkdtempSync(join(tmpdir(), 'frame-buffer-chaos-'));
  afterAll(() => rmSync(logDirectory, { recursive: true, force: true }));

  it.each([
    ['an orchestrator is killed', 'kill-orchestrator'],
    ['a processor is killed', 'kill-processor'],
    ['Redis is killed and restarted while frames flow', 'kill-redis'],
    ['every connection to Redis is cut again and again', 'cut-links'],
  ])(
    'when %s',
    async (_what, name) => {
      const scenario = SCENARIOS.find((each) => each.name === name);
      expect(scenario).toBeDefined();
      if (!scenario) return;
      const result = await runScenario(scenario, {
        seed: SEED,
        signal: new AbortController().signal,
        logDirectory,
      });
      expect(result.faults).toEqual([]);
      expect(result.published).toBeGreaterThan(0);
      expect(result).toMatchObject({
        completed: result.published,
        unaccounted: 0,
        duplicates: 0,
        passed: true,
      });
    },
    TIMEOUT_MS,
  );
});
