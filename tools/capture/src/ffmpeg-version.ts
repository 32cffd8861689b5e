import { execFile } from 'node:child_process';

/** Some options changed their names between releases; only what is used here. */
export interface FfmpegVersion {
  readonly major: number;
  readonly minor: number;
}

/** Builds from the sources call themselves `N-12345-g...`: they know everything. */
export const NEWEST: FfmpegVersion = { major: Number.POSITIVE_INFINITY, minor: 0 };

const VERSION = /^ffmpeg version n?(\d+)\.(\d+)/i;
const TIMEOUT_MS = 10_000;

export function parseFfmpegVersion(output: string): FfmpegVersion {
  const [, major, minor] = VERSION.exec(output) ?? [];
  return major === undefined ? NEWEST : { major: Number(major), minor: Number(minor) };
}

export function isAtLeast(version: FfmpegVersion, major: number, minor: number): boolean {
  return version.major > major || (version.major === major && version.minor >= minor);
}

/** Asks the program itself. One that can't be started counts as the newest: decoding says what is wrong, better than this. */
export function ffmpegVersion(ffmpegPath: string): Promise<FfmpegVersion> {
  return new Promise((resolve) => {
    execFile(ffmpegPath, ['-version'], { timeout: TIMEOUT_MS }, (error, stdout) => {
      resolve(error ? NEWEST : parseFfmpegVersion(stdout));
    });
  });
}
