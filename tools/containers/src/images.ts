import { join } from 'node:path';
import { docker } from './docker.ts';

const ROOT = join(import.meta.dirname, '../../..');
const TARGETS = ['orchestrator', 'sample-processor'] as const;

export type Images = Readonly<Record<(typeof TARGETS)[number], string>>;

/** Builds the images from this checkout. @param tag of images that are there already; undefined: they are built */
export async function provideImages(tag: string | undefined): Promise<Images> {
  const name = (target: string): string => `frame-buffer/${target}:${tag ?? 'test'}`;
  if (tag === undefined) {
    for (const target of TARGETS) {
      const file = join(ROOT, 'docker/Dockerfile');
      await docker('build', '--file', file, '--target', target, '--tag', name(target), ROOT);
    }
  }
  return { orchestrator: name('orchestrator'), 'sample-processor': name('sample-processor') };
}
