import type { Writable } from 'node:stream';

/** Everybody who listens to the live page's events. One text is written to all; whoever can't keep up is dropped and may come back. */
export interface EventHub {
  /** Whether there are as many as there may be. */
  full(): boolean;
  /** Writes to a client until it has gone, can't keep up, or the signal comes. */
  serve(out: Writable, signal: AbortSignal, greeting: readonly HubEvent[]): Promise<void>;
  send(event: HubEvent): void;
  size(): number;
  /** Ends all, and takes nobody any more. */
  close(): void;
}

export interface HubEvent {
  readonly name: string;
  readonly data: unknown;
}

export interface EventHubOptions {
  readonly maxClients: number;
  /** A client that has so much unread is dropped. */
  readonly maxBehindBytes: number;
  readonly heartbeatMs: number;
}

const DEFAULTS: EventHubOptions = {
  maxClients: 100,
  // Some ten states of a large system.
  maxBehindBytes: 2 * 1024 * 1024,
  heartbeatMs: 10_000,
};
/** How long a browser waits before it connects again. */
const RETRY_MS = 1_000;

export function createEventHub(options: Partial<EventHubOptions> = {}): EventHub {
  const { maxClients, maxBehindBytes, heartbeatMs } = { ...DEFAULTS, ...options };
  const clients = new Map<Writable, () => void>();
  let closed = false;

  function write(text: string): void {
    for (const [out, leave] of clients) {
      if (out.writableLength > maxBehindBytes) {
        leave();
        out.destroy();
      } else {
        out.write(text);
      }
    }
  }

  const heartbeat = setInterval(() => write(': alive\n\n'), heartbeatMs);
  heartbeat.unref();

  return {
    full: () => closed || clients.size >= maxClients,
    async serve(out, signal, greeting) {
      if (closed || signal.aborted) return;
      const { promise, resolve } = Promise.withResolvers<void>();
      clients.set(out, resolve);
      signal.addEventListener('abort', () => resolve(), { once: true });
      out.once('error', () => resolve());
      out.write(`retry: ${RETRY_MS}\n\n${greeting.map(textOf).join('')}`);
      await promise;
      clients.delete(out);
    },
    send(event) {
      if (clients.size > 0) write(textOf(event));
    },
    size: () => clients.size,
    close() {
      closed = true;
      clearInterval(heartbeat);
      for (const leave of clients.values()) leave();
    },
  };
}

/** JSON has no line breaks, so one data line is enough. */
const textOf = ({ name, data }: HubEvent): string => `event: ${name}\ndata: ${JSON.stringify(data)}\n\n`;
