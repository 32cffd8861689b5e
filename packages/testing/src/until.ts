export interface UntilOptions {
  deadlineMs?: number;
  everyMs?: number;
  /** What is waited for, in words, for the error. */
  what: string;
}

/**
 * Waits until the condition gives something truthy, and returns that.
 * @throws Error naming what was waited for, with the last error of the condition as its cause, when the deadline has passed
 */
export async function until<T>(
  condition: () => T | Promise<T>,
  { deadlineMs = 10_000, everyMs = 10, what }: UntilOptions,
): Promise<NonNullable<T>> {
  const deadline = performance.now() + deadlineMs;
  for (;;) {
    let cause: unknown;
    try {
      const value = await condition();
      if (value) return value;
    } catch (error) {
      cause = error;
    }
    if (performance.now() >= deadline)
      throw new Error(`waited ${deadlineMs} ms in vain for ${what}`, { cause });
    await new Promise((resolve) => setTimeout(resolve, everyMs));
  }
}
