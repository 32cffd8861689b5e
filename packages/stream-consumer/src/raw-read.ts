import type { Redis } from 'ioredis';
import type { Duplex } from 'node:stream';
import { createEntriesParser, type StreamEntries } from './entries-parser.ts';

/** What a connection of ioredis is underneath. It has no public name for it, but all connectors hand it over under this one. */
interface Underneath {
  readonly stream?: Duplex;
}

type Listener = (chunk: Buffer) => void;

export interface RawReads {
  /**
   * Sends one XREADGROUP without BLOCK, on a connection that nothing else uses and where no answer is awaited, and parses its
   * answer from the bytes: ioredis doesn't listen until it has come. One at a time.
   *
   * @returns the entries; undefined where Redis answered with an error: ask again through ioredis, which knows what to do then
   * @throws Error where the connection broke, or is not ready
   */
  read(client: Redis, args: readonly string[]): Promise<StreamEntries | undefined>;
}

export function createRawReads(): RawReads {
  const parser = createEntriesParser();
  return {
    async read(client, args) {
      const { stream } = client as unknown as Underneath;
      if (!stream || stream.destroyed || client.status !== 'ready') throw lost();
      const { promise, resolve, reject } = Promise.withResolvers<StreamEntries | undefined>();
      const onData: Listener = (chunk) => {
        const parsed = parser.push(chunk);
        if (parsed.kind === 'entries') resolve(parsed.batches);
        else if (parsed.kind === 'error') resolve(undefined);
        else if (parsed.kind === 'foreign')
          stream.destroy(new Error('Redis gave an answer that is none to a read'));
      };
      const onClose = (): void => reject(lost());
      const theirs = stream.listeners('data') as Listener[];
      parser.begin();
      // In this order, so that there is always somebody who listens.
      stream.on('data', onData);
      for (const listener of theirs) stream.off('data', listener);
      stream.once('close', onClose);
      stream.write(commandOf(args));
      try {
        return await promise;
      } finally {
        stream.off('close', onClose);
        for (const listener of theirs) stream.on('data', listener);
        stream.off('data', onData);
      }
    },
  };
}

const lost = (): Error => new Error('the connection to Redis was lost');

/** A command as bytes: an array of bulk strings. */
function commandOf(args: readonly string[]): string {
  const parts = args.map((arg) => `$${Buffer.byteLength(arg)}\r\n${arg}\r\n`);
  return `*${args.length}\r\n${parts.join('')}`;
}
