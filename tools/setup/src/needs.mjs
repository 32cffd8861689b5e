/** @typedef {'redis' | 'ffmpeg' | 'chromium' | 'prometheus'} Need */

/** @type {Readonly<Record<string, readonly Need[]>>} */
const NEEDS = {
  'tools/main-job/src/main.ts': ['redis', 'ffmpeg'],
  'tools/checks/src/main.ts': ['redis', 'ffmpeg', 'chromium', 'prometheus'],
  'tools/checks/src/safeguards/main.ts': ['redis'],
  'tools/bench/src/main.ts': ['redis', 'ffmpeg'],
  'tools/capture/src/main.ts': ['ffmpeg'],
  'tools/load/src/main.ts': ['redis'],
};

/**
 * What a program needs beside Node and its packages.
 * @param {string} main path from the root of the checkout
 * @param {readonly string[]} args
 * @returns {readonly Need[]}
 */
export function needsOf(main, args) {
  if (args.includes('--help') || args.includes('-h')) return [];
  return NEEDS[main] ?? [];
}
