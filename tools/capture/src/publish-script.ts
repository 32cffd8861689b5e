import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import type { FlatRecord } from '@frame-buffer/models';

/** What publishing needs of a Redis client; ioredis' `Redis` fits. */
export interface ScriptClient {
  evalsha(sha1: string, numberOfKeys: number, ...args: (string | Buffer)[]): Promise<unknown>;
  eval(script: string, numberOfKeys: number, ...args: (string | Buffer)[]): Promise<unknown>;
}

export interface Publication {
  /** The picture's key. */
  readonly key: string;
  /** What lies there until it expires: the picture, or the path of its file. */
  readonly content: string | Buffer;
  readonly ttlMs: number;
  /** The input stream. */
  readonly stream: string;
  readonly record: FlatRecord;
}

// Reached from src and from dist alike.
const SOURCE = readFileSync(new URL('../src/lua/publish-picture.lua', import.meta.url), 'utf8');
const SHA1 = createHash('sha1').update(SOURCE).digest('hex');

/** Stores the picture and appends its record in one step. Rejects with what Redis says, or as the client does. */
export async function publish(client: ScriptClient, publication: Publication): Promise<void> {
  const { key, content, ttlMs, stream, record } = publication;
  const args = [key, stream, content, String(Math.ceil(ttlMs)), ...Object.entries(record).flat()];
  try {
    await client.evalsha(SHA1, 2, ...args);
  } catch (error) {
    // After a restart or a failover the server doesn't know the script; EVAL sends it along and teaches it.
    if (!(error instanceof Error) || !error.message.startsWith('NOSCRIPT')) throw error;
    await client.eval(SOURCE, 2, ...args);
  }
}
