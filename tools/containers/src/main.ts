/** `npm run test:containers`: the Redis tests against containers, and the system as containers. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { findCompose } from './compose.ts';
import { missingEngine } from './docker.ts';
import { environment } from './environment.ts';
import { buildImages } from './images.ts';

const ROOT = join(import.meta.dirname, '../../..');
/** What speaks to Redis most: scripts, registry, journey, older clients. Tests that need its process id can't run in a container. */
const REDIS_TESTS =
  'work-queue\\.redis|group-reader\\.redis|registry\\.redis|journey\\.redis|older-client\\.redis';
const REDIS_PROJECTS = ['packages/stream-consumer', 'packages/registry', 'apps/orchestrator'];

async function jest(env: Record<string, string>, ...args: string[]): Promise<number> {
  const child = spawn(
    process.execPath,
    [join(ROOT, 'node_modules/jest/bin/jest.js'), '--runInBand', ...args],
    {
      cwd: ROOT,
      stdio: 'inherit',
      env: {
        ...process.env,
        NODE_OPTIONS: '--experimental-vm-modules --disable-warning=ExperimentalWarning',
        ...env,
      },
    },
  );
  const [code] = (await once(child, 'exit')) as [number | null];
  return code ?? 1;
}

const missing =
  (await missingEngine()) ??
  ((await findCompose()) ? undefined : 'These tests need docker compose, or docker-compose 1.27 or newer.');
if (missing !== undefined) {
  console.error(missing);
  process.exitCode = 1;
} else {
  const redis = await jest(
    { TEST_REDIS: 'container', TESTCONTAINERS_RYUK_DISABLED: environment().withoutReaper },
    ...['--projects', ...REDIS_PROJECTS, '--testPathPatterns', REDIS_TESTS],
  );
  let { imageTag } = environment();
  if (imageTag === undefined) {
    console.log('Building the images; the first time this takes some minutes.');
    imageTag = await buildImages();
  }
  const system = await jest(
    { TEST_IMAGE_TAG: imageTag },
    '--config',
    'tools/containers/jest.containers.config.mjs',
  );
  process.exitCode = redis === 0 && system === 0 ? 0 : 1;
}
