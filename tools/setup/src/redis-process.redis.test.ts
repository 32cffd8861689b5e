import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CommandMissingError, type RedisProcess, startRedisProcess } from './redis-process.ts';
import { redisProcessId } from './redis-answer.ts';

const local = process.env['TEST_REDIS'] === 'container' ? it.skip : it;
let directory: string;
let server: RedisProcess | undefined;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'frame-buffer-process-'));
});
afterEach(async () => {
  await server?.send('SIGKILL');
  server = undefined;
  rmSync(directory, { recursive: true, force: true });
});

describe('startRedisProcess', () => {
  local('answers when it returns', async () => {
    server = await startRedisProcess({ command: 'redis-server', directory });
    expect(await redisProcessId(server.port)).toBe(server.pid);
  });

  local('leads a process group of its own, out of the reach of a Ctrl-C', async () => {
    server = await startRedisProcess({ command: 'redis-server', directory });
    const { pid } = server;
    expect(() => process.kill(-pid, 0)).not.toThrow();
  });

  local('tells when the server ends by itself', async () => {
    server = await startRedisProcess({ command: 'redis-server', directory });
    process.kill(server.pid, 'SIGKILL');
    await server.ended;
    expect(await redisProcessId(server.port)).toBeUndefined();
  });

  it('creates the folder that it is given', async () => {
    const folder = join(directory, 'a/b');
    await expect(startRedisProcess({ command: 'no-such-server', directory: folder })).rejects.toThrow();
    expect(existsSync(folder)).toBe(true);
  });

  it('tells a missing command from one that fails', async () => {
    await expect(startRedisProcess({ command: 'no-such-server', directory })).rejects.toThrow(
      CommandMissingError,
    );
    await expect(startRedisProcess({ command: 'false', directory })).rejects.toThrow('did not start');
  });
});
