import { spawn } from 'node:child_process';
import { clearTimeout, setTimeout } from 'node:timers';
import { type Exit, ffmpegReason } from './ffmpeg-reason.ts';
import { createMpjpegSplitter } from './mpjpeg-splitter.ts';

export interface FfmpegRunOptions {
  readonly ffmpegPath: string;
  readonly args: readonly string[];
  readonly onPicture: (jpeg: Buffer) => void;
  /** Without a picture for this long, ffmpeg is ended. */
  readonly stallTimeoutMs: number;
  /** Ends ffmpeg. */
  readonly signal: AbortSignal;
}

/** How a run ended; in every case ffmpeg is gone. */
export type FfmpegOutcome =
  /** The source has come to its end. */
  | { readonly kind: 'finished' }
  | { readonly kind: 'failed'; readonly reason: string }
  /** By the signal. */
  | { readonly kind: 'stopped' };

/** ffmpeg ends within milliseconds when asked; one that doesn't is stuck in a system call. */
const GRACE_MS = 2_000;
const MAX_STDERR_CHARS = 8 * 1024;

/** Runs ffmpeg until its source ends, fails, stalls or isn't wanted any more, and resolves when the process is gone. Never rejects. */
export function runFfmpeg(options: FfmpegRunOptions): Promise<FfmpegOutcome> {
  const { ffmpegPath, args, onPicture, stallTimeoutMs, signal } = options;
  if (signal.aborted) return Promise.resolve({ kind: 'stopped' });
  return new Promise((resolve) => {
    // In a process group of its own, so that Ctrl-C in a terminal reaches only us: we end it.
    const child = spawn(ffmpegPath, args, { stdio: ['ignore', 'pipe', 'pipe'], detached: true });
    let stderr = '';
    let failure: string | undefined;
    let killer: NodeJS.Timeout | undefined;

    const end = (): void => {
      if (killer) return;
      child.kill('SIGTERM');
      killer = setTimeout(() => child.kill('SIGKILL'), GRACE_MS);
    };
    const fail = (reason: string): void => {
      failure ??= reason;
      end();
    };
    const watchdog = setTimeout(
      () => fail(`no picture for ${Math.round(stallTimeoutMs / 100) / 10} s`),
      stallTimeoutMs,
    );
    const splitter = createMpjpegSplitter((jpeg) => {
      watchdog.refresh();
      if (!killer) onPicture(jpeg);
    });
    const settle = (exit: Exit): void => {
      clearTimeout(watchdog);
      clearTimeout(killer);
      signal.removeEventListener('abort', end);
      if (signal.aborted) resolve({ kind: 'stopped' });
      else if (failure !== undefined) resolve({ kind: 'failed', reason: failure });
      else if (exit.code === 0) resolve({ kind: 'finished' });
      else resolve({ kind: 'failed', reason: ffmpegReason(stderr, exit) });
    };

    signal.addEventListener('abort', end, { once: true });
    child.stdout.on('data', (chunk: Buffer) => {
      const split = splitter.push(chunk);
      if (!split.ok) fail(split.reason);
    });
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      stderr = (stderr + text).slice(-MAX_STDERR_CHARS);
    });
    child.once('error', (error: NodeJS.ErrnoException) => {
      failure ??= notStarted(ffmpegPath, error);
      if (child.pid === undefined) settle({ code: null, signal: null });
    });
    child.once('close', (code, exitSignal) => settle({ code, signal: exitSignal }));
  });
}

function notStarted(ffmpegPath: string, error: NodeJS.ErrnoException): string {
  return error.code === 'ENOENT'
    ? `ffmpeg was not found as ${ffmpegPath}: install it, or name it in FFMPEG_PATH`
    : `ffmpeg could not be started: ${error.message}`;
}
