import { setTimeout as sleep } from 'node:timers/promises';
import { keyNames, PROCESSOR_GROUP } from '@frame-buffer/models';
import type { EntryReply } from '@frame-buffer/stream-consumer';
import { recordOf } from '@frame-buffer/stream-consumer';
import type { LiveSystem } from './live-system.ts';

const keys = keyNames();
const ROUND_MS = 200;
const CAPABILITIES = ['detect', 'read', 'count'];

/** Many processors and cameras for the price of few: one loop reads all queues and publishes what older clients would. */
export async function startCrowd(
  { redis, url }: LiveSystem,
  { processors, cameras, framesPerSecond }: { processors: number; cameras: number; framesPerSecond: number },
): Promise<{ stop(): Promise<void> }> {
  const ids = Array.from({ length: processors }, (_none, i) => `processor-${i + 1}`);
  for (const [i, id] of ids.entries()) {
    const body = {
      id,
      capabilities: [CAPABILITIES[i % CAPABILITIES.length]],
      capacity: 8,
      lease_ms: 3_600_000,
    };
    const answer = await fetch(`${url}/processors/register`, { method: 'POST', body: JSON.stringify(body) });
    if (answer.status !== 201) throw new Error(await answer.text());
  }
  const ended = new AbortController();
  let published = 0;

  function publish(count: number): Promise<unknown> {
    const pipeline = redis.pipeline();
    for (let i = 0; i < count; i++, published++) {
      const camera = `camera-${(published % cameras) + 1}`;
      const fields = [
        'frame_id',
        `${camera}-${published}`,
        'camera_id',
        camera,
        'timestamp',
        new Date().toISOString(),
      ];
      const capability = CAPABILITIES[Math.floor(published / cameras) % CAPABILITIES.length] ?? '';
      pipeline.xadd(keys.input, '*', ...fields, 'detection_type', capability);
    }
    return pipeline.exec();
  }

  async function process(): Promise<void> {
    const reads = redis.pipeline();
    for (const id of ids)
      reads.call('XREADGROUP', 'GROUP', PROCESSOR_GROUP, id, 'COUNT', '8', 'STREAMS', keys.ready(id), '>');
    const answers = (await reads.exec()) ?? [];
    const done = redis.pipeline();
    answers.forEach(([, reply], i) => {
      const id = ids[i] ?? '';
      // RESP3 gives a map, which the client gives flat: the stream, its entries.
      const [stream = '', entries = []] = (reply ?? []) as [string?, EntryReply[]?];
      for (const [entry, flat] of entries) {
        const { frame_id = '', camera_id = '', capability = '' } = recordOf(flat ?? []);
        const processing_time = String(Math.random() / 10);
        const result = { frame_id, camera_id, capability, processor_id: id, processing_time };
        done.xack(stream, PROCESSOR_GROUP, entry);
        done.xadd(keys.results, '*', ...Object.entries(result).flat());
      }
    });
    await done.exec();
  }

  const running = (async () => {
    while (!ended.signal.aborted) {
      await publish(Math.round((framesPerSecond * ROUND_MS) / 1_000));
      await process();
      await sleep(ROUND_MS, undefined, { signal: ended.signal }).catch(() => {});
    }
  })();
  return {
    async stop() {
      ended.abort();
      await running;
    },
  };
}
