import { join } from 'node:path';
import { docker } from './docker.ts';

const ROOT = join(import.meta.dirname, '../../..');
const TARGETS = ['orchestrator', 'sample-processor', 'capture'] as const;
/** Of images that are built here. */
const TEST_TAG = 'test';

export type Images = Readonly<Record<(typeof TARGETS)[number], string>>;

export const imagesOf = (tag: string): Images => ({
  orchestrator: `frame-buffer/orchestrator:${tag}`,
  'sample-processor': `frame-buffer/sample-processor:${tag}`,
  capture: `frame-buffer/capture:${tag}`,
});

/** Builds the images from this checkout. @returns their tag */
export async function buildImages(): Promise<string> {
  const images = imagesOf(TEST_TAG);
  const file = join(ROOT, 'docker/Dockerfile');
  for (const target of TARGETS)
    await docker('build', '--file', file, '--target', target, '--tag', images[target], ROOT);
  return TEST_TAG;
}
