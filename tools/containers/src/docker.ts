import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

const run = promisify(execFile);
const MAX_OUTPUT = 64 * 1024 * 1024;

/** The docker command. @returns what it wrote @throws Error with its own words */
export async function docker(...args: string[]): Promise<string> {
  const { stdout } = await run('docker', args, { maxBuffer: MAX_OUTPUT });
  return stdout.trim();
}

/** @returns whether the engine has an image, without a registry */
export const hasImage = async (image: string): Promise<boolean> =>
  (await docker('images', '--quiet', image)) !== '';

/** @returns what is missing, in one sentence; undefined where an engine answers */
export async function missingEngine(command = 'docker'): Promise<string | undefined> {
  try {
    await run(command, ['info', '--format', '{{.ServerVersion}}']);
    return undefined;
  } catch (error) {
    const isThere = (error as NodeJS.ErrnoException).code !== 'ENOENT';
    return isThere
      ? 'These tests need a Docker engine: the docker command is there, but no engine answers it (start it, or set DOCKER_HOST).'
      : `These tests need a Docker engine, and there is no ${command} command on the PATH.`;
  }
}
