import { join } from 'node:path';
import { docker, hasImage } from './docker.ts';
import { environment } from './environment.ts';

const ROOT = join(import.meta.dirname, '../../..');
const DOCKERFILE = join(ROOT, 'docker/Dockerfile');
const TARGETS = ['orchestrator', 'sample-processor', 'capture'] as const;
/** Of images that are built here. */
const TEST_TAG = 'test';
/** What compose builds from, too: enough on a machine that reaches no registry. */
const BASE = `node:${process.versions.node.split('.', 1)[0]}-bookworm-slim`;

/** The tag of the images under test. */
export const testedTag = (): string => environment().imageTag ?? TEST_TAG;

export type Images = Readonly<Record<(typeof TARGETS)[number], string>>;

export const imagesOf = (tag: string): Images => ({
  orchestrator: `frame-buffer/orchestrator:${tag}`,
  'sample-processor': `frame-buffer/sample-processor:${tag}`,
  capture: `frame-buffer/capture:${tag}`,
});

/** Builds the images from this checkout. @returns their tag */
export async function buildImages(): Promise<string> {
  for (const target of TARGETS) await build(target, TEST_TAG);
  return TEST_TAG;
}

/** What compose.dev.yaml runs this checkout in. */
export const buildBase = (): Promise<void> => build('base', testedTag());

/** From the base that the engine has under its tag, else from the pinned one. */
async function build(target: string, tag: string): Promise<void> {
  const base = (await hasImage(BASE)) ? ['--build-arg', `NODE_IMAGE=${BASE}`] : [];
  const name = `frame-buffer/${target}:${tag}`;
  await docker('build', ...base, '--file', DOCKERFILE, '--target', target, '--tag', name, ROOT);
}
