import { setTimeout as sleep } from 'node:timers/promises';
import type { FlatRecord, KeyNames } from '@frame-buffer/models';
import type { Redis } from 'ioredis';
import { frameIdOf, frameRecord } from './frames.ts';

/**
 * Publishes frames at a fixed rate and knows of each whether Redis has it. A frame has its mark in a hash, set in the same step, so
 * that one whose acknowledgement was lost is published again without becoming two.
 */
export interface Publisher {
  /** Sent, or to be sent, and not acknowledged. */
  inDoubt(): number;
  /** Frames that are due while it is paused are not made at all. */
  pause(): void;
  resume(): void;
  /** Makes no more; resolves when every frame made is acknowledged. */
  finish(): Promise<void>;
  /** After a failover: publishes those again that the new primary doesn't know. @returns how many */
  publishLost(numbers: Iterable<number>): Promise<number>;
}

export interface PublisherOptions {
  readonly client: Redis;
  readonly keys: KeyNames;
  readonly framesPerSecond: number;
  /** Redis has it; when, in ms since the epoch. */
  readonly onAcknowledged: (number: number, atMs: number) => void;
  /** Drops marks that are not needed any more, where frames are millions; `publishLost` needs them. */
  readonly forgets?: boolean;
  /** Ends it at once. */
  readonly signal: AbortSignal;
}

const TICK_MS = 10;
const BATCH = 200;
const RETRY_MS = 100;

const SCRIPT = `
for _, record in ipairs(cjson.decode(ARGV[1])) do
  if redis.call('HSETNX', KEYS[1], record[2], 1) == 1 then redis.call('XADD', KEYS[2], '*', unpack(record)) end
end
return 1
`;

export function startPublisher(options: PublisherOptions): Publisher {
  const { client, keys, framesPerSecond, onAcknowledged, forgets = false, signal } = options;
  // Beside the input: in a cluster it must lie in the same slot.
  const marks = `${keys.input}:published`;
  const queue: number[] = [];
  const finishing = new AbortController();
  let made = 0;
  let sending = 0;
  let paused = false;

  async function make(): Promise<void> {
    let lastMs = performance.now();
    let due = 0;
    const over = AbortSignal.any([finishing.signal, signal]);
    while (!over.aborted) {
      await sleep(TICK_MS);
      const nowMs = performance.now();
      if (!paused) due += ((nowMs - lastMs) / 1000) * framesPerSecond;
      lastMs = nowMs;
      for (; due >= 1; due--) queue.push(made++);
    }
  }

  async function send(batch: readonly number[]): Promise<void> {
    // The identity of a frame is its id, the first field.
    const records = batch.map((number) => flat(frameRecord(number, Date.now())));
    for (;;) {
      try {
        await client.eval(SCRIPT, 2, marks, keys.input, JSON.stringify(records));
        break;
      } catch (error) {
        if (signal.aborted) throw error;
        await sleep(RETRY_MS, undefined, { signal });
      }
    }
    for (const number of batch) onAcknowledged(number, Date.now());
    // There is one batch at a time, so no other needs them.
    if (forgets) await client.del(marks);
  }

  async function sendAll(): Promise<void> {
    while (!signal.aborted && !(finishing.signal.aborted && queue.length === 0)) {
      const batch = queue.splice(0, BATCH);
      sending = batch.length;
      if (batch.length > 0) await send(batch);
      else await sleep(TICK_MS);
      sending = 0;
    }
  }

  const making = make();
  const done = sendAll();
  done.catch(() => {});
  return {
    inDoubt: () => queue.length + sending,
    pause: () => (paused = true),
    resume: () => (paused = false),
    async finish() {
      finishing.abort();
      await making;
      await done;
    },
    async publishLost(numbers) {
      const known = new Set(await client.hkeys(marks));
      const lost = [...numbers].filter((number) => !known.has(frameIdOf(number)));
      for (let i = 0; i < lost.length; i += BATCH) await send(lost.slice(i, i + BATCH));
      return lost.length;
    },
  };
}

const flat = (record: FlatRecord): string[] => Object.entries(record).flat();
