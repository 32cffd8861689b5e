/** A receiver of traces that hangs, refuses or is slow holds up no frame. */
import { type OtlpReceiver, startOtlpReceiver, until } from '@frame-buffer/testing';
import { openScene, type Scene } from './test-support/scene.ts';

const PROCESSORS = 4;
const FRAMES_PER_TICK = 4;
const TICK_MS = 20;
/** So many ticks of each behaviour, in turns. */
const TICKS = 25;
const TURNS = 4;

let scene: Scene;
let receiver: OtlpReceiver;
beforeAll(async () => {
  scene = await openScene();
});
beforeEach(async () => {
  receiver = await startOtlpReceiver();
});
afterEach(async () => {
  receiver.answerAfter(0);
  await scene.clear();
  await receiver.stop();
});
afterAll(() => scene.end());

/** An orchestrator that records every frame, and processors that note when they have each. */
async function system(): Promise<{ url: string; arrivals: Map<string, number> }> {
  const { url, ...orchestrator } = await scene.orchestrate({
    OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url,
    TRACE_SAMPLE_RATIO: '1',
  });
  const arrivals = new Map<string, number>();
  const note = ({ frameId }: { frameId: string }): void => void arrivals.set(frameId, performance.now());
  for (let i = 0; i < PROCESSORS; i++)
    await scene.join({ url, ...orchestrator }, `p${i}`, note, { capacity: 100, concurrency: 20 });
  return { url, arrivals };
}

const median = (values: readonly number[]): number =>
  values.toSorted((a, b) => a - b)[values.length >> 1] ?? Number.NaN;

/** @returns ms from publishing to processor: the median of frames that come at a steady rate */
async function steady(arrivals: Map<string, number>, name: string): Promise<number> {
  const published = new Map<string, number>();
  for (let tick = 0; tick < TICKS; tick++) {
    const ids = Array.from({ length: FRAMES_PER_TICK }, (_none, i) => `${name}-${tick}-${i}`);
    for (const id of ids) published.set(id, performance.now());
    await scene.publish(ids.length, (i) => ({ frame_id: ids[i] ?? '', traceparent: '' }));
    await new Promise((resolve) => setTimeout(resolve, TICK_MS));
  }
  await until(() => [...published.keys()].every((id) => arrivals.has(id)), { what: 'all to arrive' });
  return median([...published].map(([id, atMs]) => (arrivals.get(id) ?? Number.NaN) - atMs));
}

const BEHAVIOURS = {
  hangs: (otlp: OtlpReceiver) => otlp.hang(),
  refuses: (otlp: OtlpReceiver) => otlp.refuse(),
  'is slow': (otlp: OtlpReceiver) => otlp.answerAfter(2_000),
};

it.each(Object.entries(BEHAVIOURS))('A receiver that %s costs frames no time', async (_name, behave) => {
  const { arrivals } = await system();
  await steady(arrivals, 'warm-up');
  const sound: number[] = [];
  const troubled: number[] = [];
  for (let turn = 0; turn < TURNS; turn++) {
    receiver.answerAfter(0);
    sound.push(await steady(arrivals, `sound-${turn}`));
    behave(receiver);
    troubled.push(await steady(arrivals, `troubled-${turn}`));
  }
  // The machine's own noise is larger than nothing; a frame that waited for a receiver would show hundreds of ms.
  expect(Math.min(...troubled)).toBeLessThan(Math.min(...sound) * 1.5 + 2);
  expect(receiver.requests()).toBeGreaterThan(0);
});

it('A backlog goes as fast beside a receiver that hangs, and the spans that come nowhere are counted', async () => {
  const { url, arrivals } = await system();
  const BACKLOG = 3_000;
  const drain = async (name: string): Promise<number> => {
    const startMs = performance.now();
    await scene.publish(BACKLOG, (i) => ({ frame_id: `${name}-${i}`, traceparent: '' }));
    const all = (await scene.books())?.captured ?? 0;
    await until(() => arrivals.size === all, { what: 'the backlog to go', deadlineMs: 30_000 });
    return performance.now() - startMs;
  };
  await drain('warm-up');
  const sound: number[] = [];
  const hanging: number[] = [];
  for (let turn = 0; turn < 2; turn++) {
    receiver.answerAfter(0);
    sound.push(await drain(`sound-${turn}`));
    receiver.hang();
    hanging.push(await drain(`hanging-${turn}`));
  }
  expect(Math.min(...hanging)).toBeLessThan(Math.min(...sound) * 1.5);
  receiver.refuse();
  const lost = async (): Promise<number> => {
    const text = await (await fetch(`${url}/metrics`)).text();
    return Number(/^frame_buffer_spans_lost_total (\d+)$/m.exec(text)?.[1] ?? 0);
  };
  await until(async () => (await lost()) > 0, { what: 'spans to be counted as lost', deadlineMs: 15_000 });
});
