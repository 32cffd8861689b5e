import { access, mkdir, mkdtemp, readdir, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { until } from '@frame-buffer/testing';
import { type ExpiringFiles, createExpiringFiles } from './expiring-files.ts';

describe('createExpiringFiles', () => {
  let directory: string;
  let files: ExpiringFiles | undefined;
  let now = 0;

  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), 'frame-buffer-pictures-'));
    now = Date.now();
  });
  afterEach(async () => {
    files?.close();
    await rm(directory, { recursive: true });
  });

  const open = (): ExpiringFiles =>
    (files = createExpiringFiles({ directory, ttlMs: 60_000, clock: () => now }));
  const write = async (path: string): Promise<void> => {
    await mkdir(dirname(path), { recursive: true });
    await writeFile(path, 'jpeg');
  };
  const gone = (path: string) => async (): Promise<boolean> =>
    access(path).then(
      () => false,
      () => true,
    );

  it('deletes a file after its time, and not the younger one', async () => {
    const expiring = open();
    const [older, younger] = [expiring.pathOf('door', 'door-1'), expiring.pathOf('door', 'door-2')];
    await write(older);
    expiring.add(older);
    now += 59_000;
    await write(younger);
    expiring.add(younger);
    now += 2_000;
    await until(gone(older), { what: 'the older file to go' });
    expect(await readdir(dirname(younger))).toEqual(['door-2.frame.jpg']);
  });

  it('deletes what an earlier run left, also half a file, and nothing else', async () => {
    const left = [
      join(directory, 'pictures-door', 'a.frame.jpg'),
      join(directory, 'pictures-door', 'b.frame.jpg.part'),
    ];
    const foreign = [join(directory, 'holiday.jpg'), join(directory, 'pictures-door', 'holiday.jpg')];
    const longAgo = new Date(now - 3_600_000);
    for (const path of [...left, ...foreign]) {
      await write(path);
      await utimes(path, longAgo, longAgo);
    }
    open();
    for (const path of left) await until(gone(path), { what: `${path} to go` });
    expect(await readdir(join(directory, 'pictures-door'))).toEqual(['holiday.jpg']);
    expect(await readdir(directory)).toContain('holiday.jpg');
  });

  it('keeps every path inside of its folder', () => {
    const path = open().pathOf('../../etc', '../passwd');
    expect(dirname(dirname(path))).toBe(directory);
  });
});
