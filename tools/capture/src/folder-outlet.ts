import { mkdirSync } from 'node:fs';
import { mkdir, rename, rm, writeFile } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { createExpiringFiles } from './expiring-files.ts';
import { recordOf } from './frame-record.ts';
import type { Outlet, OutletTarget } from './outlet.ts';
import { type ScriptClient, publish } from './publish-script.ts';

export interface FolderOutletOptions extends OutletTarget {
  readonly client: ScriptClient;
  /** Created where it is missing; each camera has a folder in it. */
  readonly directory: string;
  readonly ttlMs: number;
  readonly clock: () => number;
}

/** How long the key that guards against publishing twice is kept: far longer than a command waits to be sent again. */
const CLAIM_MS = 60_000;

/**
 * Pictures as files that appear whole or not at all, and are deleted when they expire, also those of an earlier run.
 * @throws where the folder can't be made
 */
export function createFolderOutlet(options: FolderOutletOptions): Outlet {
  const { client, stream, pixelsPrefix, ttlMs, clock } = options;
  const directory = resolve(options.directory);
  mkdirSync(directory, { recursive: true });
  const files = createExpiringFiles({ directory, ttlMs, clock });

  return {
    async publish(picture) {
      const path = files.pathOf(picture.camera.cameraId, picture.frameId);
      const temporary = files.temporaryOf(path);
      files.add(path);
      try {
        await writeFile(temporary, picture.jpeg).catch(async (error: NodeJS.ErrnoException) => {
          if (error.code !== 'ENOENT') throw error;
          await mkdir(dirname(path), { recursive: true });
          await writeFile(temporary, picture.jpeg);
        });
        await rename(temporary, path);
      } catch (error) {
        await rm(temporary, { force: true });
        throw error;
      }
      const record = recordOf(picture, { backend: 'file', path });
      const key = `${pixelsPrefix}${picture.frameId}`;
      await publish(client, { key, content: path, ttlMs: CLAIM_MS, stream, record });
    },
    close: () => files.close(),
  };
}
