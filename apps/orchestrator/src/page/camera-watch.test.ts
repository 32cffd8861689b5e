import { createCameraWatch } from './camera-watch.ts';

const NOW = { caughtUp: true, sampled: false };
let resultsMs = 0;
beforeEach(() => (resultsMs = 0));

it('tells the rate wanted by the time of publishing, whenever it is read', () => {
  const watch = createCameraWatch(0, () => resultsMs);
  // Ten frames a second for six seconds, all read in one go.
  for (let i = 1; i <= 60; i++) watch.read('c1', ['detect'], i * 100);
  const [row] = watch.grid(60_000, { caughtUp: false, sampled: false }).rows;
  expect(row?.capabilities[0]?.wanted).toBeCloseTo(10, 0);
});

it('shows that nothing came out as unknown, not as 0', () => {
  const watch = createCameraWatch(0, () => resultsMs);
  watch.read('c1', ['detect'], 100);
  expect(watch.grid(1_000, NOW).rows[0]?.capabilities).toMatchObject([
    { capability: 'detect', got: null, sinceResultMs: null },
  ]);
});

it('counts results and the time since the last one', () => {
  const watch = createCameraWatch(0, () => resultsMs);
  for (let second = 1; second <= 10; second++) {
    watch.read('c1', ['detect', 'read'], second * 1_000);
    resultsMs = second * 1_000;
    watch.results('c1', 'detect', 4, resultsMs);
  }
  const [row] = watch.grid(10_500, NOW).rows;
  expect(row?.capabilities).toMatchObject([
    { capability: 'detect', sinceResultMs: 500 },
    { capability: 'read', got: null },
  ]);
  expect(row?.capabilities[0]?.got).toBeGreaterThan(3);
  expect(row?.capabilities[0]?.got).toBeLessThan(5);
});

it('takes a result that does not say what of for that of the only capability', () => {
  const watch = createCameraWatch(0, () => resultsMs);
  watch.read('c1', ['detect'], 0);
  watch.results('c1', undefined, 1, 500);
  expect(watch.grid(1_000, NOW).rows[0]?.capabilities).toMatchObject([
    { capability: 'detect', sinceResultMs: 500 },
  ]);
});

it('calls a camera silent after some of its intervals, and nobody while there is a backlog', () => {
  const watch = createCameraWatch(0, () => resultsMs);
  for (let i = 0; i < 20; i++) watch.read('fast', ['detect'], i * 100);
  for (let i = 0; i < 4; i++) watch.read('slow', ['detect'], i * 2_000);
  expect(watch.silent(4_000, true)).toEqual([]);
  expect(watch.silent(9_000, true)).toEqual([{ camera: 'fast', silentMs: 7_100 }]);
  expect(watch.silent(9_000, false)).toEqual([]);
  expect(watch.silent(40_000, true).map(({ camera }) => camera)).toEqual(['fast', 'slow']);
});

it('shows a bounded number of cameras and counts the others', () => {
  const watch = createCameraWatch(0, () => resultsMs);
  for (let i = 0; i < 1_200; i++) watch.read(`c${i}`, ['detect'], i);
  const { rows, hidden } = watch.grid(1_000, NOW);
  expect(rows).toHaveLength(200);
  expect(hidden).toBe(1_000);
});

it('forgets a camera that was taken away', () => {
  const watch = createCameraWatch(0, () => resultsMs);
  watch.read('c1', ['detect'], 0);
  expect(watch.grid(3_700_000, NOW).rows).toEqual([]);
});
