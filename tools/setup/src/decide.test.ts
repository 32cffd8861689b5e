import { decideChromium, decideFfmpeg, decidePrometheus, decideRedis } from './decide.mjs';
import type { Machine } from './machine.mjs';

interface Fake {
  env?: Record<string, string>;
  isRoot?: boolean;
  commands?: string[];
  /** Command lines that end with 0. */
  succeeding?: string[];
}

function machine({ env = {}, isRoot = false, commands = [], succeeding = [] }: Fake): Machine {
  return {
    env,
    isRoot,
    has: (command) => commands.includes(command),
    isProgram: (file) => commands.includes(file),
    succeeds: (...line) => succeeding.includes(line.join(' ')),
  };
}

const EVERYTHING = ['redis-server', 'valkey-server', 'docker', 'apt-get', 'sudo', 'ffmpeg'];
const SUDO = 'sudo -n true';

describe('decideRedis', () => {
  it('takes REDIS_URL before anything else', () => {
    const env = { REDIS_URL: 'redis://example' };
    expect(decideRedis(machine({ env, commands: EVERYTHING }))).toEqual({ kind: 'present', by: 'REDIS_URL' });
  });

  it('takes a server on the PATH before a container', () => {
    const decision = decideRedis(machine({ commands: EVERYTHING, succeeding: ['docker info'] }));
    expect(decision).toEqual({ kind: 'present', by: 'redis-server' });
  });

  it('takes valkey-server where there is no redis-server', () => {
    expect(decideRedis(machine({ commands: ['valkey-server'] }))).toEqual({
      kind: 'present',
      by: 'valkey-server',
    });
  });

  it('takes a Docker engine that answers before it installs anything', () => {
    const decision = decideRedis(
      machine({ isRoot: true, commands: ['docker', 'apt-get'], succeeding: ['docker info'] }),
    );
    expect(decision).toEqual({ kind: 'container' });
  });

  it('does not count on a Docker client without an engine', () => {
    const decision = decideRedis(machine({ isRoot: true, commands: ['docker', 'apt-get'] }));
    expect(decision.kind).toBe('install');
  });

  it('installs as root with the package manager', () => {
    expect(decideRedis(machine({ isRoot: true, commands: ['apt-get'] }))).toEqual({
      kind: 'install',
      plan: {
        manager: 'apt-get',
        refresh: ['apt-get', 'update'],
        attempts: [
          ['apt-get', 'install', '-y', '--no-install-recommends', 'redis-server'],
          ['apt-get', 'install', '-y', '--no-install-recommends', 'valkey-server'],
        ],
      },
    });
  });

  it('installs with sudo where that asks for no password', () => {
    const decision = decideRedis(machine({ commands: ['apk', 'sudo'], succeeding: [SUDO] }));
    expect(decision).toMatchObject({
      kind: 'install',
      plan: { attempts: [['sudo', '-n', 'apk', 'add', '--no-cache', 'redis'], expect.anything()] },
    });
  });

  it('installs with brew, which needs no root', () => {
    expect(decideRedis(machine({ commands: ['brew'] }))).toMatchObject({
      kind: 'install',
      plan: { manager: 'brew', attempts: [['brew', 'install', 'redis'], expect.anything()] },
    });
  });

  it('does not use brew as root, which brew refuses', () => {
    expect(decideRedis(machine({ isRoot: true, commands: ['brew'] })).kind).toBe('missing');
  });

  it.each([
    ['a sudo that asks for a password', ['apt-get', 'sudo']],
    ['no sudo', ['apt-get']],
    ['nothing at all', []],
  ])('says what to do where there is %s', (_what, commands) => {
    expect(decideRedis(machine({ commands }))).toMatchObject({
      kind: 'missing',
      sentence: expect.stringMatching(/^Redis is missing .* set REDIS_URL, and run the command again\.$/),
    });
  });
});

describe('decideFfmpeg', () => {
  it('takes FFMPEG_PATH before the PATH', () => {
    const env = { FFMPEG_PATH: '/opt/ffmpeg' };
    expect(decideFfmpeg(machine({ env, commands: ['/opt/ffmpeg', 'ffmpeg'] }))).toEqual({
      kind: 'present',
      by: 'FFMPEG_PATH',
    });
  });

  it('says so where FFMPEG_PATH names no program', () => {
    const env = { FFMPEG_PATH: '/opt/nothing' };
    expect(decideFfmpeg(machine({ env, commands: EVERYTHING }))).toMatchObject({
      kind: 'missing',
      sentence: expect.stringContaining('FFMPEG_PATH is /opt/nothing'),
    });
  });

  it('takes the one on the PATH', () => {
    expect(decideFfmpeg(machine({ commands: EVERYTHING }))).toEqual({ kind: 'present', by: 'ffmpeg' });
  });

  it('installs it with the package manager otherwise', () => {
    expect(decideFfmpeg(machine({ isRoot: true, commands: ['dnf'] }))).toMatchObject({
      kind: 'install',
      plan: {
        attempts: [
          ['dnf', 'install', '-y', 'ffmpeg'],
          ['dnf', 'install', '-y', 'ffmpeg-free'],
        ],
      },
    });
  });

  it('says what to do where it may not install', () => {
    expect(decideFfmpeg(machine({}))).toMatchObject({
      kind: 'missing',
      sentence: expect.stringMatching(/^ffmpeg is missing .* FFMPEG_PATH .*\.$/),
    });
  });
});

describe('decideChromium', () => {
  it('takes CHROMIUM_PATH before the PATH, and says so where that is no program', () => {
    const env = { CHROMIUM_PATH: '/opt/chromium' };
    expect(decideChromium(machine({ env, commands: ['/opt/chromium', 'chromium'] }))).toEqual({
      kind: 'present',
      by: 'CHROMIUM_PATH',
    });
    expect(decideChromium(machine({ env, commands: ['chromium'] }))).toMatchObject({
      kind: 'missing',
      sentence: expect.stringContaining('CHROMIUM_PATH is /opt/chromium'),
    });
  });

  it.each([
    'chromium-browser',
    'google-chrome',
    '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
  ])('takes %s', (command) => {
    expect(decideChromium(machine({ commands: [command] }))).toEqual({ kind: 'present', by: command });
  });

  it('installs it with the package manager otherwise', () => {
    expect(decideChromium(machine({ isRoot: true, commands: ['apt-get'] }))).toMatchObject({
      kind: 'install',
      plan: {
        attempts: [['apt-get', 'install', '-y', '--no-install-recommends', 'chromium'], expect.anything()],
      },
    });
  });

  it('says what to do where it may not install', () => {
    expect(decideChromium(machine({}))).toMatchObject({
      kind: 'missing',
      sentence: expect.stringMatching(/^Chromium is missing .* CHROMIUM_PATH .*\.$/),
    });
  });
});

describe('decidePrometheus', () => {
  it('takes the one on the PATH', () => {
    const decision = decidePrometheus(machine({ commands: ['prometheus', 'promtool'] }));
    expect(decision).toEqual({ kind: 'present', by: 'prometheus' });
  });

  it('installs it where its tool is missing', () => {
    const decision = decidePrometheus(machine({ isRoot: true, commands: ['prometheus', 'apt-get'] }));
    expect(decision).toMatchObject({
      kind: 'install',
      plan: { attempts: [['apt-get', 'install', '-y', '--no-install-recommends', 'prometheus']] },
    });
  });

  it('says what to do where it can be had from nowhere', () => {
    expect(decidePrometheus(machine({ commands: ['apt-get', 'sudo'] }))).toEqual({
      kind: 'missing',
      sentence: expect.stringMatching(/^Prometheus is missing and cannot be installed from here: put /),
    });
  });
});
