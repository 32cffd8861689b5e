import type { Context } from './context.ts';
import { latencyOf, latencyText } from './latency.ts';

const FRAMES = 20;
const WITHIN_MS = 10_000;
const TRACE_ID = /^00-([0-9a-f]{32})-([0-9a-f]{16})-/;

/** Task 3: probe frames go all the way through, once each, with their fields and in their trace. */
export async function checkEndToEnd(context: Context): Promise<void> {
  const { probe, results, note, signal, redis, keys, orchestrator } = context;
  const task = 'trace';
  const arrived = new Map<string, number>();
  const untouched = new Set<string>();
  const processor = await context.startProcessor('end-to-end', task, ({ frameId, fields }) => {
    arrived.set(frameId, performance.now());
    if (fields['validate_run'] === probe.run) untouched.add(frameId);
    return { validated: true };
  });
  const sent = new Map<string, { atMs: number; traceId: string | undefined }>();
  for (let i = 0; i < FRAMES; i++) {
    const record = probe.record(task, i);
    const traceId = TRACE_ID.exec(record['traceparent'] ?? '')?.[1];
    sent.set(record['frame_id'] ?? '', { atMs: performance.now(), traceId });
    await redis.xadd(keys.input, '*', ...Object.entries(record).flat());
  }
  const ids = [...sent.keys()];
  const missing = await results.missing(ids, WITHIN_MS, signal);
  note('every probe frame has a result', missing.length === 0, `${FRAMES - missing.length} of ${FRAMES}`);
  const twice = ids.filter((id) => results.of(id).length > 1);
  note('none has two', twice.length === 0, twice.length === 0 ? 'one each' : twice.join(', '));
  note('fields travel on untouched', untouched.size === FRAMES, `${untouched.size} of ${FRAMES}`);
  const inTrace = ids.filter((id) => {
    const traceparent = results.of(id)[0]?.fields['traceparent'];
    return traceparent !== undefined && TRACE_ID.exec(traceparent)?.[1] === sent.get(id)?.traceId;
  });
  note('the trace goes with it', inTrace.length === FRAMES, `${inTrace.length} of ${FRAMES} in their trace`);
  const latency = latencyOf(ids.map((id) => (arrived.get(id) ?? NaN) - (sent.get(id)?.atMs ?? NaN)));
  note('capture to processor', Number.isFinite(latency.p99), latencyText(latency));
  const found = await orchestrator.call('GET', `/frames/${encodeURIComponent(ids[0] ?? '')}`);
  note('the orchestrator can say where a frame is', found.status === 200, `HTTP ${found.status}`);
  await processor.stop();
}
