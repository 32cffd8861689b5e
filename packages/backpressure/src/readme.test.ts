/* eslint-disable @nx/enforce-module-boundaries -- users import it by its name */
import { readFile } from 'node:fs/promises';

const published: string[] = [];
const publish = (text: string): number => published.push(text);

// example-start
import { createPressureGauge, createRateMeter, intakeAllowance, levelName } from '@frame-buffer/backpressure';

const gauge = createPressureGauge({ waitLimitMs: 500 });
const done = createRateMeter(); // done.add() for every finished frame
gauge.onOverallLevelChange(({ to, worst }) => publish(`${levelName(to)}: ${worst?.cause} of ${worst?.pool}`));

/** A few times a second: how many frames to read now. */
function toRead(outstanding: number, waiting: number, oldestWaitMs: number): number {
  const [capacity, waitingLimit] = [8, 100];
  const reading = { outstanding, capacity, waiting, waitingLimit, oldestWaitMs };
  const { rate } = gauge.observe('face_detection', reading);
  const credits = capacity - outstanding;
  return intakeAllowance({ credits, waiting, waitingLimit, drainPerSecond: done.perSecond() }, rate);
}
// example-end

async function textOf(name: string): Promise<string> {
  return readFile(new URL(name, import.meta.url), 'utf8');
}

describe('the example of the README', () => {
  it('is the one that runs here', async () => {
    const example = /```ts\n([\s\S]*?)```/.exec(await textOf('../README.md'))?.[1];
    const [, here] =
      /\/\/ example-start\n([\s\S]*?)\/\/ example-end/.exec(await textOf('readme.test.ts')) ?? [];
    expect(example).toBeDefined();
    expect(example).toBe(here);
  });

  it('reads what fills credits and room while all is well', () => {
    expect(toRead(6, 0, 0)).toBe(102);
  });

  it('reads for the credits alone when frames wait too long, and says so', () => {
    expect(toRead(6, 1, 490)).toBe(2);
    expect(published).toEqual(['critical: wait of face_detection']);
  });
});
