import { type ChildProcessByStdio, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Readable } from 'node:stream';

/** A checkout with nothing installed, and a PATH that holds nothing but the stubs of a test. */
class Clone {
  readonly root = mkdtempSync(join(tmpdir(), 'frame-buffer-clone-'));
  readonly bin = join(this.root, 'stubs');
  readonly calls = join(this.root, 'calls.log');
  readonly env: Record<string, string> = { PATH: this.bin, STUBS: this.bin, ROOT: this.root };

  constructor() {
    mkdirSync(this.bin);
    cpSync(import.meta.dirname, join(this.root, 'tools/setup/src'), {
      recursive: true,
      filter: (file) => !file.endsWith('.ts'),
    });
    writeFileSync(join(this.root, 'package-lock.json'), JSON.stringify({ packages: { '': {} } }));
    // Stands for the pinned Node: it shows what it was started with.
    this.stub('pinned', 'echo "TEST_REDIS=$TEST_REDIS"; for arg; do echo "$arg"; done; exit 7');
    this.stub(
      'npm',
      '/bin/mkdir -p "$ROOT/node_modules/node/bin"; /bin/cp "$STUBS/pinned" "$ROOT/node_modules/node/bin/node"',
    );
  }

  /** A command on the PATH that records how it was called and then runs the script. */
  stub(name: string, script = ''): void {
    const file = join(this.bin, name);
    writeFileSync(file, `#!/bin/sh\necho "${name} $*" >> "${this.calls}"\n${script}\n`);
    chmodSync(file, 0o755);
  }

  run(main: string, ...args: string[]) {
    const { status, stdout, stderr } = spawnSync(process.execPath, this.commandLine(main, args), {
      env: this.env,
      encoding: 'utf8',
    });
    return { status, out: stdout.trim().split('\n'), err: stderr.trim().split('\n') };
  }

  start(main: string): ChildProcessByStdio<null, Readable, null> {
    return spawn(process.execPath, this.commandLine(main, []), {
      env: this.env,
      stdio: ['ignore', 'pipe', 'ignore'],
    });
  }

  called(): string[] {
    return existsSync(this.calls) ? readFileSync(this.calls, 'utf8').trim().split('\n') : [];
  }

  private commandLine(main: string, args: string[]): string[] {
    return [join(this.root, 'tools/setup/src/run.mjs'), main, ...args];
  }
}

const PLAIN = 'apps/orchestrator/src/main.ts';
const MAIN_JOB = 'tools/main-job/src/main.ts';
const CAPTURE = 'tools/capture/src/main.ts';
const CHECKS = 'tools/checks/src/main.ts';

/** Installs what it is asked for, as a stub; works as root and through the stub of sudo. */
const APT_GET =
  'if [ "$1" = install ]; then for last; do :; done; /bin/cp "$STUBS/pinned" "$STUBS/$last"; fi';

let clone: Clone;
beforeEach(() => {
  clone = new Clone();
});
afterEach(() => rmSync(clone.root, { recursive: true, force: true }));

describe('run.mjs', () => {
  it('installs the packages, says so, and runs the program with the pinned Node', () => {
    const { out, err } = clone.run(PLAIN, '--for', '5s');
    expect(err).toEqual(['Installing packages with npm ci; this happens once.']);
    expect(out).toEqual([
      'TEST_REDIS=',
      '--conditions=@frame-buffer/source',
      '--disable-warning=ExperimentalWarning',
      join(clone.root, PLAIN),
      '--for',
      '5s',
    ]);
  });

  it('has Node keep what it has compiled, where nobody says where', () => {
    clone.stub('pinned', 'echo "$NODE_COMPILE_CACHE"');
    expect(clone.run(PLAIN).out).toEqual([join(clone.root, 'node_modules/.cache/node')]);
    clone.env['NODE_COMPILE_CACHE'] = '/elsewhere';
    expect(clone.run(PLAIN).out).toEqual(['/elsewhere']);
  });

  it('passes the exit code on', () => {
    expect(clone.run(PLAIN).status).toBe(7);
  });

  it('installs nothing the second time', () => {
    clone.run(PLAIN);
    clone.run(PLAIN);
    expect(clone.called().filter((call) => call.startsWith('npm '))).toHaveLength(1);
  });

  it('installs again after package-lock.json changed', () => {
    clone.run(PLAIN);
    const packages = { 'node_modules/a': { version: '1.0.0' } };
    writeFileSync(join(clone.root, 'package-lock.json'), JSON.stringify({ packages }));
    clone.run(PLAIN);
    expect(clone.called().filter((call) => call.startsWith('npm '))).toHaveLength(2);
  });

  it('leaves packages alone that somebody installed with npm already', () => {
    mkdirSync(join(clone.root, 'node_modules/node/bin'), { recursive: true });
    cpSync(join(clone.bin, 'pinned'), join(clone.root, 'node_modules/node/bin/node'));
    writeFileSync(join(clone.root, 'node_modules/.package-lock.json'), JSON.stringify({ packages: {} }));
    expect([clone.run(PLAIN).status, clone.called()]).toEqual([7, [expect.stringMatching(/^pinned /)]]);
  });

  it('says what to do where npm ci fails', () => {
    clone.stub('npm', 'exit 1');
    expect(clone.run(PLAIN)).toMatchObject({
      status: 2,
      err: [expect.any(String), 'npm ci failed, see above: check the network, and run the command again.'],
    });
  });

  it('tries again after npm ci failed', () => {
    clone.stub('npm', 'exit 1');
    clone.run(PLAIN);
    expect(clone.run(PLAIN).err[0]).toContain('npm ci');
  });

  it('says how it is used', () => {
    const { status, stderr } = spawnSync(process.execPath, [join(clone.root, 'tools/setup/src/run.mjs')], {
      encoding: 'utf8',
    });
    expect([status, stderr]).toEqual([2, 'usage: node tools/setup/src/run.mjs <main.ts> [arguments]\n']);
  });

  it('needs no package manager where everything is there', () => {
    for (const name of ['redis-server', 'ffmpeg', 'apt-get']) clone.stub(name);
    clone.run(MAIN_JOB);
    expect(clone.called().map((call) => call.split(' ')[0])).toEqual(['npm', 'pinned']);
  });

  it('tells the tests to use a container where Docker is all there is', () => {
    for (const name of ['docker', 'ffmpeg']) clone.stub(name);
    expect(clone.run(MAIN_JOB).out[0]).toBe('TEST_REDIS=container');
  });

  it('announces what it installs, and installs it, Redis before ffmpeg', () => {
    clone.stub('sudo', 'shift; "$@"');
    clone.stub('true');
    clone.stub('apt-get', APT_GET);
    const { status, err } = clone.run(MAIN_JOB);
    expect(status).toBe(7);
    expect(err.filter((line) => line.includes('missing'))).toEqual([
      'Redis is missing; installing it with apt-get.',
      'ffmpeg is missing; installing it with apt-get.',
    ]);
    expect(clone.called().filter((call) => call.startsWith('apt-get install'))).toEqual([
      'apt-get install -y --no-install-recommends redis-server',
      'apt-get install -y --no-install-recommends ffmpeg',
    ]);
  });

  it('installs the browser and the Prometheus that the checks need', () => {
    for (const name of ['redis-server', 'ffmpeg', 'true', 'promtool']) clone.stub(name);
    clone.stub('sudo', 'shift; "$@"');
    clone.stub('apt-get', APT_GET);
    const { status, err } = clone.run(CHECKS);
    expect(status).toBe(7);
    expect(err.filter((line) => line.includes('missing'))).toEqual([
      'Chromium is missing; installing it with apt-get.',
      'Prometheus is missing; installing it with apt-get.',
    ]);
  });

  it('tries the other name of a package where the first is unknown', () => {
    clone.stub('sudo', 'shift; "$@"');
    clone.stub('true');
    clone.stub('ffmpeg');
    clone.stub('apt-get', `case "$*" in *redis-server) exit 100;; esac; ${APT_GET}`);
    expect(clone.run(MAIN_JOB).status).toBe(7);
  });

  it('says what to do where the package manager fails', () => {
    clone.stub('sudo', 'shift; "$@"');
    clone.stub('true');
    clone.stub('apt-get', 'exit 100');
    const { status, err } = clone.run(MAIN_JOB);
    expect([status, err.at(-1)]).toEqual([
      2,
      'apt-get could not install Redis, see above: install redis-server or valkey-server, start Docker, or set REDIS_URL, and run the command again.',
    ]);
  });

  it('says what to do where nothing can be installed', () => {
    expect(clone.run(CAPTURE)).toMatchObject({
      status: 2,
      err: [
        expect.any(String),
        expect.stringMatching(/^ffmpeg is missing and cannot be installed from here: /),
      ],
    });
  });

  it('starts in less than 150 ms once everything is set up, or twice as long as a bare Node where that is slow', () => {
    clone.run(PLAIN);
    const took = (start: () => void): number => {
      const startedAt = performance.now();
      start();
      return performance.now() - startedAt;
    };
    const pairs = Array.from({ length: 8 }, () => ({
      bareMs: took(() => spawnSync(process.execPath, ['--eval', '0'])),
      ms: took(() => clone.run(PLAIN)),
    }));
    expect(pairs.some(({ bareMs, ms }) => ms < Math.max(150, 2 * bareMs))).toBe(true);
  });

  it('passes SIGTERM on once and waits for the program to end', async () => {
    clone.stub('pinned', `trap 'echo drained; exit 5' TERM; echo ready; while :; do /bin/sleep 0.05; done`);
    const child = clone.start(PLAIN);
    const exited = once(child, 'exit');
    let out = '';
    child.stdout.on('data', (chunk: Buffer) => {
      out += chunk.toString();
      if (out === 'ready\n') child.kill('SIGTERM');
    });
    expect([await exited, out]).toEqual([[5, null], 'ready\ndrained\n']);
  });
});
