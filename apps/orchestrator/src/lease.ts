import { setTimeout as sleep } from 'node:timers/promises';
import type { KeyNames } from '@frame-buffer/models';
import type { Logger } from '@frame-buffer/telemetry';

export interface LeaseOptions {
  readonly client: {
    eval(script: string, numberOfKeys: number, ...args: string[]): Promise<unknown>;
    del(key: string): Promise<unknown>;
  };
  readonly keys: KeyNames;
  readonly orchestratorId: string;
  /** The lease had ended before it was renewed: others may have adopted what we hold. */
  readonly onLapse: () => void;
  readonly logger: Logger;
}

/** After this long without a sign of life the others adopt an orchestrator's frames. */
export const LEASE_MS = 3_000;
const RENEW_MS = 1_000;

/** A full memory refuses SET, unless its script has written already, as PEXPIRE does, which is never refused. */
const TAKE = `
redis.call('PEXPIRE', KEYS[1], ARGV[2])
return redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2], 'GET')`;

/** An orchestrator's sign of life in Redis. */
export interface Lease {
  /** Takes the lease; must be done before anything is read. */
  take(): Promise<void>;
  /** Renews it until the signal. */
  run(signal: AbortSignal): Promise<void>;
  /** Gives it up, so that others adopt what is left at once. */
  release(): Promise<void>;
}

export function createLease({ client, keys, orchestratorId, onLapse, logger }: LeaseOptions): Lease {
  const key = keys.orchestrator(orchestratorId);
  const value = JSON.stringify({ id: orchestratorId, pid: process.pid, since: new Date().toISOString() });
  /** When the last renewal that succeeded was sent, ms of the monotonic clock. */
  let renewedAtMs: number | undefined;

  async function take(): Promise<void> {
    const sentAtMs = performance.now();
    const before = await client.eval(TAKE, 1, key, value, String(LEASE_MS));
    // A command that was sent twice finds its own value: then the time tells.
    const isLate = renewedAtMs !== undefined && performance.now() - renewedAtMs >= LEASE_MS;
    const isFirst = renewedAtMs === undefined;
    renewedAtMs = sentAtMs;
    if (!isFirst && (before === null || isLate)) onLapse();
  }

  return {
    take,
    async run(signal) {
      while (!signal.aborted) {
        await take().catch((error: unknown) => logger.warn('the lease could not be renewed', { error }));
        await sleep(RENEW_MS, undefined, { signal }).catch(() => {});
      }
    },
    release: async () => void (await client.del(key)),
  };
}
