import { setTimeout as sleep } from 'node:timers/promises';
import type { Program } from './program.ts';

export interface WaitOptions {
  /** What is waited for, in words, for the error. */
  readonly what: string;
  /** Waiting is in vain when it has ended. */
  readonly program: Program;
  readonly signal: AbortSignal;
  readonly deadlineMs?: number;
}

const DEFAULT_DEADLINE_MS = 60_000;
/** Seldom enough that asking costs the measured programs nothing. */
const POLL_MS = 25;

/** @throws Error naming what was waited for when the program has ended or the deadline has passed */
export async function waitFor(
  condition: () => Promise<boolean>,
  { what, program, signal, deadlineMs = DEFAULT_DEADLINE_MS }: WaitOptions,
): Promise<void> {
  const deadline = performance.now() + deadlineMs;
  while (!(await condition())) {
    signal.throwIfAborted();
    if (!program.running()) throw new Error(`${program.name} ended; its last words:\n${program.tail()}`);
    if (performance.now() > deadline)
      throw new Error(
        `waited ${deadlineMs / 1000} s in vain for ${what}; ${program.name}:\n${program.tail()}`,
      );
    await sleep(POLL_MS, undefined, { signal });
  }
}
