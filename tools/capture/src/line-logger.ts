import type { CaptureLogger } from './logger.ts';

/** One line for a fact, with the time, for people; fields are in the sentence already. */
export function createLineLogger(
  write: (line: string) => void,
  clock: () => number = Date.now,
): CaptureLogger {
  const line = (level: string, message: string): void =>
    write(`${new Date(clock()).toISOString()} ${level} ${message}\n`);
  return {
    info: (message) => line('info', message),
    warn: (message) => line('warn', message),
  };
}
