import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Redis } from 'ioredis';
import { type RedisServer, type RedisServerOptions, startRedis } from './redis-server.ts';
import { until } from './until.ts';

const endings: (() => unknown)[] = [];
afterEach(async () => {
  for (const end of endings.splice(0).reverse()) await end();
});

async function server(options?: RedisServerOptions): Promise<RedisServer> {
  const started = await startRedis(options);
  endings.push(() => started.stop());
  return started;
}

function client(url: string): Redis {
  const redis = new Redis(url, { retryStrategy: () => 20, maxRetriesPerRequest: null });
  redis.on('error', () => {});
  endings.push(() => redis.disconnect());
  return redis;
}

const isAlive = (pid: number): boolean => {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
};

describe('startRedis', () => {
  it('answers PING when it returns', async () => {
    const { url } = await server();
    expect(await client(url).ping()).toBe('PONG');
  });

  it('evicts nothing', async () => {
    const { url } = await server();
    expect(await client(url).config('GET', 'maxmemory-policy')).toEqual(['maxmemory-policy', 'noeviction']);
  });

  it('gives servers that start at the same time ports of their own', async () => {
    const servers = await Promise.all([server(), server(), server(), server()]);
    expect(new Set(servers.map(({ port }) => port)).size).toBe(4);
  });

  it('passes arguments on', async () => {
    const { url } = await server({ args: ['--databases', '3'] });
    expect(await client(url).config('GET', 'databases')).toEqual(['databases', '3']);
  });

  it('says why it does not start', async () => {
    await expect(startRedis({ args: ['--no-such-setting', '1'] })).rejects.toThrow('no-such-setting');
  });

  it('refuses a fixed port that is taken', async () => {
    const { port } = await server();
    await expect(startRedis({ port })).rejects.toThrow(`on port ${port} did not start`);
  });

  it('ends its process and removes its folder on stop', async () => {
    const started = await server();
    const { pid, directory } = started;
    await started.stop();
    expect([isAlive(pid), existsSync(directory)]).toEqual([false, false]);
  });

  it('leaves a folder that was given to it', async () => {
    const directory = mkdtempSync(join(tmpdir(), 'frame-buffer-kept-'));
    endings.push(() => rmSync(directory, { recursive: true, force: true }));
    const started = await server({ directory });
    await started.stop();
    expect(existsSync(join(directory, 'redis.log'))).toBe(true);
  });

  it('keeps what was written over kill and restart, with an append-only file', async () => {
    const started = await server({ appendOnly: true });
    const redis = client(started.url);
    await redis.set('kept', 'yes');
    await started.kill();
    await started.restart();
    expect(await redis.get('kept')).toBe('yes');
  });

  it('has another process id on the same port after restart', async () => {
    const started = await server();
    const { pid, url } = started;
    await started.restart();
    expect([started.url, started.pid === pid]).toEqual([url, false]);
  });

  it('does not answer between pause and resume', async () => {
    const started = await server();
    const redis = client(started.url);
    await redis.ping();
    await started.pause();
    let hasAnswered = false;
    const answer = redis.ping().then(() => (hasAnswered = true));
    const unanswered = new Promise((resolve) => setTimeout(() => resolve(hasAnswered), 200));
    expect(await unanswered).toBe(false);
    await started.resume();
    expect(await answer).toBe(true);
  });

  it('can be stopped while it is paused', async () => {
    const started = await server();
    await started.pause();
    await started.stop();
    expect(isAlive(started.pid)).toBe(false);
  });

  it.each(['SIGKILL', 'SIGINT'] as const)(
    'leaves neither process nor folder where its owner ends by %s',
    async (signal) => {
      const program = `
      import { startRedis } from ${JSON.stringify(join(import.meta.dirname, 'redis-server.ts'))};
      const { pid, directory } = await startRedis();
      console.log(JSON.stringify({ pid, directory }));
      setInterval(() => {}, 1000);`;
      const owner = spawn(
        process.execPath,
        ['--conditions=@frame-buffer/source', '--input-type=module-typescript', '--eval', program],
        { stdio: ['ignore', 'pipe', 'inherit'], cwd: import.meta.dirname },
      );
      const [line] = (await once(owner.stdout, 'data')) as [Buffer];
      const { pid, directory } = JSON.parse(line.toString()) as { pid: number; directory: string };
      owner.kill(signal);
      await until(() => !isAlive(pid) && !existsSync(directory), {
        what: `server ${pid} and its folder to go`,
      });
      expect(owner.signalCode).toBe(signal);
    },
  );
});
