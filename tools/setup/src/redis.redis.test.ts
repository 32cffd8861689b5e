import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { redisProcessId } from './redis-answer.ts';
import { CommandMissingError } from './redis-process.ts';
import { type ProvidedRedis, type RedisStarters, provideRedis } from './redis.ts';

const portOf = (redis: ProvidedRedis): number => Number(new URL(redis.url).port);
const hasLocalServer = process.env['TEST_REDIS'] !== 'container';

describe('provideRedis', () => {
  it('takes the server of REDIS_URL as it is', async () => {
    const redis = await provideRedis({ redisUrl: 'redis://example:6379' });
    await redis.stop();
    expect(redis).toMatchObject({ url: 'redis://example:6379', origin: 'REDIS_URL' });
  });

  (hasLocalServer ? it : it.skip)(
    'starts a server of its own with an append-only file, and says so',
    async () => {
      const parent = mkdtempSync(join(tmpdir(), 'frame-buffer-provided-'));
      const directory = join(parent, 'redis');
      const messages: string[] = [];
      const redis = await provideRedis({ directory, logger: { info: (message) => messages.push(message) } });
      expect(await redisProcessId(portOf(redis))).toBeGreaterThan(0);
      expect([existsSync(join(directory, 'appendonlydir')), messages]).toEqual([
        true,
        [`Redis: ${redis.origin} on port ${portOf(redis)}, data in ${directory}`],
      ]);
      await redis.stop();
      rmSync(parent, { recursive: true });
    },
  );

  (hasLocalServer ? it : it.skip)('ends its server on stop', async () => {
    const redis = await provideRedis();
    await redis.stop();
    expect(await redisProcessId(portOf(redis))).toBeUndefined();
  });

  it('gives up waiting where it is aborted', async () => {
    await expect(provideRedis({ signal: AbortSignal.abort(new Error('enough')) })).rejects.toThrow('enough');
  });

  it.each([
    ['valkey-server where there is no redis-server', ['redis-server'], 'valkey-server'],
    ['a container where there is neither', ['redis-server', 'valkey-server'], 'container'],
  ])('takes %s', async (_what, missing, origin) => {
    const redis = await provideRedis({}, starters(missing));
    await redis.stop();
    expect(redis.origin).toBe(origin);
  });

  it('does not hide behind a container that a server on the PATH fails to start', async () => {
    const failing = { ...starters([]), process: () => Promise.reject(new Error('disk full')) };
    await expect(provideRedis({}, failing)).rejects.toThrow('disk full');
  });

  it('says in one sentence what to do where there is no Redis', async () => {
    const none = {
      ...starters(['redis-server', 'valkey-server']),
      container: () => Promise.reject(new Error('no engine')),
    };
    await expect(provideRedis({}, none)).rejects.toThrow(/^no Redis found: set REDIS_URL/);
  });
});

function starters(missing: readonly string[]): RedisStarters {
  return {
    process({ command }) {
      if (missing.includes(command)) return Promise.reject(new CommandMissingError(command));
      return Promise.resolve({ port: 1, pid: 1, ended: Promise.resolve(), send: async () => {} });
    },
    container: () => Promise.resolve({ id: 'abc', host: 'localhost', port: 1, stop: async () => {} }),
  };
}
