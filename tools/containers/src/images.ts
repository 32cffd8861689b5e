import { join } from 'node:path';
import { docker, hasImage } from './docker.ts';

const ROOT = join(import.meta.dirname, '../../..');
const TARGETS = ['orchestrator', 'sample-processor', 'capture'] as const;
/** Of images that are built here. */
const TEST_TAG = 'test';
/** What compose builds from, too: enough on a machine that reaches no registry. */
const BASE = `node:${process.versions.node.split('.', 1)[0]}-bookworm-slim`;

export type Images = Readonly<Record<(typeof TARGETS)[number], string>>;

export const imagesOf = (tag: string): Images => ({
  orchestrator: `frame-buffer/orchestrator:${tag}`,
  'sample-processor': `frame-buffer/sample-processor:${tag}`,
  capture: `frame-buffer/capture:${tag}`,
});

/** Builds the images from this checkout: from the base that the engine has under its tag, else from the pinned one. @returns their tag */
export async function buildImages(): Promise<string> {
  const images = imagesOf(TEST_TAG);
  const file = join(ROOT, 'docker/Dockerfile');
  const base = (await hasImage(BASE)) ? ['--build-arg', `NODE_IMAGE=${BASE}`] : [];
  for (const target of TARGETS)
    await docker('build', ...base, '--file', file, '--target', target, '--tag', images[target], ROOT);
  return TEST_TAG;
}
