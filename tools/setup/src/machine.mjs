import { spawnSync } from 'node:child_process';
import { accessSync, constants, statSync } from 'node:fs';
import { delimiter, join } from 'node:path';

/**
 * What the decisions ask of the machine they run on.
 * @typedef {object} Machine
 * @property {Record<string, string | undefined>} env
 * @property {boolean} isRoot
 * @property {(command: string) => boolean} has whether the PATH has such a command
 * @property {(file: string) => boolean} isProgram whether the file is there and can be executed
 * @property {(command: string, ...args: string[]) => boolean} succeeds whether the command ends with 0 within ten seconds
 */

/** A Docker client without an engine may try for long; an engine that is there answers within a second. */
const ANSWER_DEADLINE_MS = 10_000;

/**
 * @param {Record<string, string | undefined>} env
 * @returns {Machine}
 */
export function thisMachine(env) {
  const folders = (env['PATH'] ?? '').split(delimiter).filter(Boolean);
  return {
    env,
    isRoot: process.getuid?.() === 0,
    has: (command) => folders.some((folder) => isProgram(join(folder, command))),
    isProgram,
    succeeds: (command, ...args) =>
      spawnSync(command, args, { env, stdio: 'ignore', timeout: ANSWER_DEADLINE_MS }).status === 0,
  };
}

/** @param {string} file */
function isProgram(file) {
  try {
    accessSync(file, constants.X_OK);
    return statSync(file).isFile();
  } catch {
    return false;
  }
}
