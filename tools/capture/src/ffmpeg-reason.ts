import { withoutSecrets } from './source.ts';

/** `[mov,mp4,m4a @ 0x5581]` in front of a message says where in ffmpeg it comes from. */
const ORIGIN = /^(?:\[[^\]]* @ (?:0x)?[0-9a-f]+\]\s*)+/i;
/** More lines than a sentence can hold; the last ones name the cause. */
const MAX_LINES = 2;
const MAX_CHARS = 300;

/** How a process ended. */
export interface Exit {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

/** ffmpeg's own words for why it ended, as one line without addresses in memory and without passwords. */
export function ffmpegReason(stderr: string, exit: Exit): string {
  const lines = stderr
    .split(/\r?\n/)
    .map((line) => withoutSecrets(line.replace(ORIGIN, '').trim()))
    .filter((line) => line !== '' && !line.startsWith('To ignore this,'));
  const last = [...new Set(lines)].slice(-MAX_LINES).join('; ');
  if (last !== '') return last.length <= MAX_CHARS ? last : `${last.slice(0, MAX_CHARS - 1)}…`;
  return exit.signal ? `ffmpeg was ended by ${exit.signal}` : `ffmpeg ended with code ${exit.code}`;
}
