import type { StateName, Verdict } from './breaker-state.ts';
import type { CircuitBreaker } from './circuit-breaker.ts';
import { type Permit, REFUSED } from './permit.ts';
import type { SteadyClock } from './steady-clock.ts';

/** What `execute` gives: the value of the call, or why there was no call. */
export type Executed<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly reason: Exclude<StateName, 'closed'>; readonly retryAfterMs: number };

export interface ExecuteOptions<T> {
  /**
   * Ends the wait, whether or not `fn` obeys it; the permit is settled at once. `AbortSignal.timeout()` gives the call its
   * time limit.
   */
  signal: AbortSignal;
  /**
   * What an error says about the other side. By default everything is a failure but an abort by the caller, which is
   * ignored; a signal that timed out is a failure.
   */
  judgeError: (error: unknown, signal: AbortSignal | undefined) => Verdict;
  /** What a value says about the other side (a response with status 500). By default every value is a success. */
  judgeResult: (value: T) => Verdict;
}

export async function executeThrough<T>(
  breaker: CircuitBreaker,
  clock: SteadyClock,
  fn: (context: { signal: AbortSignal | undefined }) => T | PromiseLike<T>,
  options: Partial<ExecuteOptions<T>>,
): Promise<Executed<T>> {
  const { signal, judgeError = failureUnlessAborted, judgeResult = alwaysSuccess } = options;
  signal?.throwIfAborted();
  const permit = breaker.tryAcquire();
  if (permit === REFUSED) return refusal(breaker);
  const startedAtMs = clock.now();
  let verdict: Verdict = 'failure';
  try {
    const value = await orAborted(fn({ signal }), signal);
    verdict = judgeResult(value);
    return { ok: true, value };
  } catch (error) {
    verdict = judgeError(error, signal);
    throw error;
  } finally {
    settle(breaker, permit, verdict, clock.now() - startedAtMs);
  }
}

function refusal(breaker: CircuitBreaker): Executed<never> {
  const { stateName } = breaker;
  // A listener that hears of the refusal may have reset the breaker; the refusal stands.
  const reason = stateName === 'closed' ? 'open' : stateName;
  return { ok: false, reason, retryAfterMs: breaker.retryAfterMs() };
}

function settle(breaker: CircuitBreaker, permit: Permit, verdict: Verdict, durationMs: number): void {
  if (verdict === 'success') breaker.succeed(permit, durationMs);
  else if (verdict === 'failure') breaker.fail(permit, durationMs);
  else breaker.ignore(permit);
}

function failureUnlessAborted(_error: unknown, signal: AbortSignal | undefined): Verdict {
  if (!signal?.aborted) return 'failure';
  const reason = signal.reason as { name?: unknown } | null | undefined;
  return reason?.name === 'TimeoutError' ? 'failure' : 'ignored';
}

function alwaysSuccess(): Verdict {
  return 'success';
}

/** Settles as `work` does, or rejects with the signal's reason, whichever comes first. */
function orAborted<T>(work: T | PromiseLike<T>, signal: AbortSignal | undefined): T | PromiseLike<T> {
  if (!signal) return work;
  return new Promise<T>((resolve, reject) => {
    const onAbort = (): void => reject(signal.reason);
    signal.addEventListener('abort', onAbort, { once: true });
    const done = (): void => signal.removeEventListener('abort', onAbort);
    Promise.resolve(work).then(resolve, reject).finally(done);
    if (signal.aborted) onAbort();
  });
}
