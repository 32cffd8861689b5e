import type { Redis } from 'ioredis';
import type { Program } from '../program.ts';

/** Somebody who moves frames from one input into many queues. */
export interface Contender {
  readonly name: 'orchestrator' | 'bare loop' | 'BullMQ';
  /** Frames of one run. */
  readonly frames: number;
  /** Fills the input of an empty Redis and starts the program that moves the frames. */
  start(): Promise<Run>;
}

/** One run: the frames lie in the input and are being moved. */
export interface Run {
  readonly program: Program;
  /** How many have been handed off, cheaply counted. */
  handedOff(): Promise<number>;
  /** When each was, in ms, from what Redis has of it. */
  momentsMs(): Promise<number[]>;
}

export interface ContenderOptions {
  readonly redis: Redis;
  readonly redisUrl: string;
  readonly frames: number;
  readonly processors: number;
  readonly signal: AbortSignal;
}

/** The moments at which the entries of streams were added: they are part of the ids. */
export async function momentsOfEntries(redis: Redis, streams: readonly string[]): Promise<number[]> {
  const moments: number[] = [];
  for (const stream of streams) {
    for (const [id] of await redis.xrange(stream, '-', '+')) moments.push(Number.parseInt(id, 10));
  }
  return moments;
}
