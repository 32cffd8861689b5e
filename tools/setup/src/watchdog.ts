import { spawn } from 'node:child_process';
import type { Socket } from 'node:net';

export interface WatchdogOptions {
  /** Removed, with everything in it, once the guarded process has ended. */
  removeDirectory?: string | undefined;
}

/**
 * Waits until its input ends, which happens however our process ends, and then ends the guarded one: politely, and
 * after five seconds by force.
 */
const SCRIPT = `
read -r _ && exit
kill -CONT "$1" 2>/dev/null
kill -TERM "$1" 2>/dev/null
i=0
while kill -0 "$1" 2>/dev/null && [ $i -lt 50 ]; do sleep 0.1; i=$((i + 1)); done
kill -KILL "$1" 2>/dev/null
[ -z "$2" ] || rm -rf -- "$2"
`;

/**
 * Ties a child process to the life of ours: it is ended also where we crash or are killed.
 * @returns a function that lets the child go; call it as soon as the child has ended
 */
export function guard(pid: number, { removeDirectory }: WatchdogOptions = {}): () => void {
  const watchdog = spawn('/bin/sh', ['-c', SCRIPT, 'watchdog', String(pid), removeDirectory ?? ''], {
    // A group of its own: a Ctrl-C must not end the watchdog before its work is done.
    detached: true,
    stdio: ['pipe', 'ignore', 'ignore'],
  });
  watchdog.on('error', () => {});
  const input = watchdog.stdin as Socket;
  input.on('error', () => {});
  watchdog.unref();
  input.unref();
  return () => void input.end('released\n');
}
