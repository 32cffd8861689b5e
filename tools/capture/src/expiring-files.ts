import { readdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { clearTimeout, setTimeout } from 'node:timers';

export interface ExpiringFilesOptions {
  readonly directory: string;
  /** A file lives this long after it was written. */
  readonly ttlMs: number;
  readonly clock: () => number;
}

export interface ExpiringFiles {
  /** Where a picture is kept. By these names the pictures of earlier runs are known: nothing else is ever deleted. */
  pathOf(cameraId: string, frameId: string): string;
  /** Where a file is written before it gets its name. */
  temporaryOf(path: string): string;
  /** A file written now. */
  add(path: string): void;
  /** Ends the timer; the next run deletes what is left. */
  close(): void;
}

const FOLDER_PREFIX = 'pictures-';
const SUFFIX = '.frame.jpg';
const TEMPORARY = '.part';
/** Deleted in batches at this pace, so that many cameras share one timer. */
const TICK_MS = 250;

/** Ids are free text; two that become alike still differ in the part of the frame id that is made here. */
const plain = (id: string): string => id.replace(/[^A-Za-z0-9._-]/g, '_');

/** Deletes files after their time, in the order in which they were written, and those that earlier runs left. */
export function createExpiringFiles({ directory, ttlMs, clock }: ExpiringFilesOptions): ExpiringFiles {
  let queue: { path: string; expiresAtMs: number }[] = [];
  let timer: NodeJS.Timeout | undefined;
  let closed = false;

  const arm = (): void => {
    if (closed || timer || queue.length === 0) return;
    timer = setTimeout(() => {
      timer = undefined;
      deleteExpired();
      arm();
    }, TICK_MS).unref();
  };
  const deleteExpired = (): void => {
    const now = clock();
    const first = queue.findIndex((file) => file.expiresAtMs > now);
    const expired = first < 0 ? queue : queue.slice(0, first);
    if (expired.length === 0) return;
    queue = first < 0 ? [] : queue.slice(first);
    // A file that is gone already, or can't be deleted now, is left to the next run.
    for (const { path } of expired) void rm(path, { force: true }).catch(() => {});
  };
  const adopt = async (): Promise<void> => {
    const left = await filesLeft(directory);
    queue = [
      ...left.map((file) => ({ path: file.path, expiresAtMs: file.writtenAtMs + ttlMs })),
      ...queue,
    ].sort((a, b) => a.expiresAtMs - b.expiresAtMs);
    arm();
  };
  // A folder that can't be listed can't be written to either, and that is said there.
  void adopt().catch(() => {});

  return {
    pathOf: (cameraId, frameId) =>
      join(directory, `${FOLDER_PREFIX}${plain(cameraId)}`, `${plain(frameId)}${SUFFIX}`),
    temporaryOf: (path) => `${path}${TEMPORARY}`,
    add(path) {
      queue.push({ path, expiresAtMs: clock() + ttlMs });
      arm();
    },
    close() {
      closed = true;
      clearTimeout(timer);
    },
  };
}

async function filesLeft(directory: string): Promise<{ path: string; writtenAtMs: number }[]> {
  const found: { path: string; writtenAtMs: number }[] = [];
  for (const folder of await readdir(directory, { withFileTypes: true })) {
    if (!folder.isDirectory() || !folder.name.startsWith(FOLDER_PREFIX)) continue;
    for (const name of await readdir(join(directory, folder.name))) {
      if (!name.endsWith(SUFFIX) && !name.endsWith(SUFFIX + TEMPORARY)) continue;
      const path = join(directory, folder.name, name);
      const status = await stat(path).catch(() => undefined);
      if (status?.isFile()) found.push({ path, writtenAtMs: status.mtimeMs });
    }
  }
  return found;
}
