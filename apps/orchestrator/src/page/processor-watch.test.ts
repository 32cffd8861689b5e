import { createProcessorWatch } from './processor-watch.ts';

function watched() {
  let nowMs = 100_000;
  const watch = createProcessorWatch(
    () => nowMs,
    () => nowMs,
  );
  return { watch, pass: (ms: number) => void (nowMs += ms), now: () => nowMs };
}

it('knows nothing of a processor that has done nothing', () => {
  expect(watched().watch.figures('p1')).toEqual({ rate: null, p95Ms: null, errors: 0 });
});

it('tells results per second, those that one stands for included', () => {
  const { watch, pass } = watched();
  watch.result('p1', 0, undefined);
  for (let i = 0; i < 50; i++) {
    watch.result('p1', 2, 10);
    pass(100);
  }
  expect(watch.figures('p1').rate).toBeGreaterThan(19);
  expect(watch.figures('p1').rate).toBeLessThan(23);
  pass(60_000);
  expect(watch.figures('p1').rate).toBe(0);
});

it('tells the 95th percentile of the last durations', () => {
  const { watch } = watched();
  for (let ms = 1; ms <= 20; ms++) watch.result('p1', 1, ms);
  watch.result('p1', 1, undefined);
  expect(watch.figures('p1').p95Ms).toBe(19);
  for (let i = 0; i < 64; i++) watch.result('p1', 1, 500);
  expect(watch.figures('p1').p95Ms).toBe(500);
});

it('counts the failures of the last minute', () => {
  const { watch, pass } = watched();
  watch.failed('p1');
  pass(40_000);
  watch.failed('p1');
  watch.failed('p2');
  expect(watch.figures('p1').errors).toBe(2);
  pass(30_000);
  expect(watch.figures('p1').errors).toBe(1);
  pass(60_000);
  expect(watch.figures('p1').errors).toBe(0);
});

it('bounds what it remembers of one that fails all the time', () => {
  const { watch } = watched();
  for (let i = 0; i < 5_000; i++) watch.failed('p1');
  expect(watch.figures('p1').errors).toBe(1_000);
});

it('remembers for a minute who died, unless it came back', () => {
  const { watch, pass, now } = watched();
  watch.died('p1', now());
  watch.died('p2', now());
  watch.came('p2');
  expect(watch.deaths(now())).toEqual(['p1']);
  pass(60_001);
  expect(watch.deaths(now())).toEqual([]);
});

it('forgets those that are gone', () => {
  const { watch } = watched();
  watch.result('p1', 1, 10);
  watch.result('p2', 1, 20);
  watch.keep(new Set(['p2']));
  expect([watch.figures('p1').p95Ms, watch.figures('p2').p95Ms]).toEqual([null, 20]);
});
