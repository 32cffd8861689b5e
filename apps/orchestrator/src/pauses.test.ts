import { createPauses } from './pauses.ts';

function stage() {
  const time = { nowMs: Date.parse('2026-01-31T12:00:00.000Z') };
  const journey = { isPaused: false };
  const pauses = createPauses(
    () => ({ pause: () => (journey.isPaused = true), resume: () => (journey.isPaused = false) }),
    () => time.nowMs,
  );
  return { time, journey, pauses };
}

const byHand = (second: number) => ({
  source: 'manual',
  reason: 'paused by hand',
  since: `2026-01-31T12:00:0${second}.000Z`,
});
const byPressure = (capability: string, second: number) => ({
  source: 'automatic',
  reason: `critical pressure on ${capability}`,
  since: `2026-01-31T12:00:0${second}.000Z`,
});

describe('pauses', () => {
  it('by hand stop the reading, and one resume takes back all of them', () => {
    const { time, journey, pauses } = stage();
    pauses.pause();
    time.nowMs += 1_000;
    pauses.pause();
    expect(journey.isPaused).toBe(true);
    expect(pauses.reasons()).toEqual([byHand(0)]);
    pauses.resume();
    expect(journey.isPaused).toBe(false);
    expect(pauses.reasons()).toEqual([]);
  });

  it('by pressure are one for each capability, and do not stop the reading', () => {
    const { time, journey, pauses } = stage();
    pauses.critical('detect', true);
    time.nowMs += 1_000;
    pauses.critical('faces', true);
    expect(pauses.reasons()).toEqual([byPressure('detect', 0), byPressure('faces', 1)]);
    expect(journey.isPaused).toBe(false);
    pauses.critical('detect', false);
    pauses.critical('detect', false);
    expect(pauses.reasons()).toEqual([byPressure('faces', 1)]);
  });

  it('by hand and by pressure do not lift one another', () => {
    const { time, journey, pauses } = stage();
    pauses.critical('detect', true);
    time.nowMs += 1_000;
    pauses.pause();
    pauses.critical('detect', false);
    expect(journey.isPaused).toBe(true);
    expect(pauses.reasons()).toEqual([byHand(1)]);
    time.nowMs += 1_000;
    pauses.critical('detect', true);
    pauses.resume();
    expect(journey.isPaused).toBe(false);
    expect(pauses.reasons()).toEqual([byPressure('detect', 2)]);
  });
});
