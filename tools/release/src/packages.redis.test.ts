/** Every package, packed and installed into an empty project outside the repository. */
import { spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { startSystem } from '@frame-buffer/main-job';
import { startRedis, until } from '@frame-buffer/testing';
import { Redis } from 'ioredis';
import { create } from 'tar';
import { checkPackages } from './check-packages.ts';
import { installed } from './empty-project.ts';
import { lintTarball } from './lint-package.ts';
import { packAll } from './pack.ts';
import { publishablePackages } from './publishable.ts';

const ROOT = fileURLToPath(new URL('../../../', import.meta.url));
let directory: string;

beforeAll(() => (directory = mkdtempSync(join(tmpdir(), 'frame-buffer-release-'))));
afterAll(() => rmSync(directory, { recursive: true, force: true }));

it('finds nothing wrong with any package', async () => {
  const reports = await checkPackages(ROOT);
  expect(reports.map(({ name }) => name.replace('@frame-buffer/', ''))).toEqual([
    'backpressure',
    'circuit-breaker',
    'models',
    'processor-client',
    'registry',
    'router',
    'stream-consumer',
    'telemetry',
  ]);
  expect(reports.filter(({ faults }) => faults.length > 0)).toEqual([]);
}, 120_000);

it('carries the licence of the repository in each', () => {
  const licence = readFileSync(join(ROOT, 'LICENSE'), 'utf8');
  for (const { directory: of } of publishablePackages(ROOT))
    expect(readFileSync(join(of, 'LICENSE'), 'utf8')).toBe(licence);
});

it('finds what is wrong with one that lacks files, types and a licence', async () => {
  const broken = join(directory, 'package');
  mkdirSync(broken);
  const manifest = {
    name: 'broken',
    version: '1.0.0',
    type: 'module',
    exports: { '.': { default: './missing.js' } },
  };
  writeFileSync(join(broken, 'package.json'), JSON.stringify(manifest));
  const tarball = join(directory, 'broken.tgz');
  await create({ gzip: true, cwd: directory, file: tarball }, ['package']);
  expect(await lintTarball(tarball)).toEqual(
    expect.arrayContaining([
      expect.stringMatching(/^publint: .*missing\.js.* does not exist/),
      'README.md is missing',
      'LICENSE is missing',
      'attw: no types',
    ]),
  );
});

it("runs the README's processor from a packed processor-client against a running orchestrator", async () => {
  const packages = publishablePackages(ROOT);
  const project = await installed(ROOT, packages, await packAll(ROOT, packages, directory));
  const server = await startRedis();
  const redis = new Redis(server.url);
  const system = await startSystem({
    processors: 0,
    redisUrl: server.url,
    say: () => {},
    signal: new AbortController().signal,
    logDirectory: join(directory, 'logs'),
  });
  const readme = readFileSync(join(ROOT, 'packages/processor-client/README.md'), 'utf8');
  const example = /```ts\n([\s\S]+?)```/.exec(readme)?.[1] ?? '';
  const settings = `const orchestratorUrl = ${JSON.stringify(system.orchestratorUrl)}, redisUrl = ${JSON.stringify(server.url)};\n`;
  writeFileSync(join(project.directory, 'processor.ts'), settings + example);
  const child = spawn(process.execPath, ['processor.ts'], { cwd: project.directory, stdio: 'inherit' });
  const ended = new Promise<number | null>((resolve) => child.once('exit', resolve));
  try {
    await redis.set('pixels:grey', Buffer.from([10, 20, 30]));
    // prettier-ignore
    await redis.xadd(
      'frames:metadata', '*', 'frame_id', 'f1', 'camera_id', 'c1', 'detection_type', 'brightness',
      'storage_backend', 'redis', 'storage_path', 'pixels:grey',
    );
    const [, fields] = await until(async () => (await redis.xrange('frames:results', '-', '+'))[0], {
      what: 'the result',
      deadlineMs: 30_000,
    });
    expect(fields[fields.indexOf('mean') + 1]).toBe('20');
    child.kill('SIGTERM');
    expect(await ended).toBe(0);
  } finally {
    child.kill('SIGKILL');
    await system.stop();
    redis.disconnect();
    await server.stop();
    project.remove();
  }
}, 120_000);
