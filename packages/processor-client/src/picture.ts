import { readFile } from 'node:fs/promises';
import type { FrameStorage } from '@frame-buffer/models';
import { FrameGoneError, TerminalError } from './frame.ts';

export interface PictureClient {
  getBuffer(key: string): Promise<Buffer | null>;
}

/**
 * The encoded picture of a frame.
 * @throws FrameGoneError where it has expired or was deleted, TerminalError where the record doesn't say where it is
 */
export async function readPicture(storage: FrameStorage | undefined, client: PictureClient): Promise<Buffer> {
  if (!storage) throw new TerminalError('the record has no storage_path, so its picture can not be found');
  if (storage.backend === 'redis') {
    const picture = await client.getBuffer(storage.path);
    if (!picture) throw new FrameGoneError(`the picture at Redis key ${storage.path} has expired`);
    return picture;
  }
  try {
    return await readFile(storage.path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    throw new FrameGoneError(`the picture at ${storage.path} is gone`, { cause: error });
  }
}
