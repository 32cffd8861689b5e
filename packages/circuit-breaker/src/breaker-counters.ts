/** Totals since the breaker was made; they only grow. */
export interface BreakerCounters {
  readonly admitted: number;
  readonly refused: number;
  readonly succeeded: number;
  readonly failed: number;
  /** Of `succeeded` and `failed`: longer than `slowCallMs`. */
  readonly slow: number;
  readonly ignored: number;
  /** Results of an earlier era, and of probes that were settled before or had expired: no effect but this. */
  readonly late: number;
  readonly probesExpired: number;
  readonly opened: number;
  /** Listeners that threw. */
  readonly listenerErrors: number;
}

export function zeroCounters(): { -readonly [name in keyof BreakerCounters]: number } {
  return {
    admitted: 0,
    refused: 0,
    succeeded: 0,
    failed: 0,
    slow: 0,
    ignored: 0,
    late: 0,
    probesExpired: 0,
    opened: 0,
    listenerErrors: 0,
  };
}
