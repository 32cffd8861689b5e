/** The last heartbeat as it lies in Redis; its key's expiry is the processor's death. */
export interface Health {
  /** ms since the epoch, by the clock of the orchestrator that received it. */
  readonly received_at_ms: number;
  readonly status: string;
  readonly active_tasks?: number | undefined;
  readonly metrics?: Record<string, unknown> | undefined;
}

/** A key that is there is a sign of life, whatever somebody wrote into it. */
const UNREADABLE: Health = { received_at_ms: 0, status: 'unreadable' };

/** @returns undefined where the key is gone: the lease has expired */
export function readHealth(json: string | null | undefined): Health | undefined {
  if (json === null || json === undefined) return undefined;
  try {
    const value: unknown = JSON.parse(json);
    return isHealth(value) ? value : UNREADABLE;
  } catch {
    return UNREADABLE;
  }
}

function isHealth(value: unknown): value is Health {
  if (typeof value !== 'object' || value === null) return false;
  const { received_at_ms, status, active_tasks, metrics } = value as Record<string, unknown>;
  return (
    typeof received_at_ms === 'number' &&
    typeof status === 'string' &&
    ['undefined', 'number'].includes(typeof active_tasks) &&
    ['undefined', 'object'].includes(typeof metrics)
  );
}
