import { connect } from 'node:net';

/**
 * Asks the server on a loopback port for its process id (INFO server).
 * @returns undefined where nothing answers within a second, or what answers isn't ready
 */
export function redisProcessId(port: number): Promise<number | undefined> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    let answer = '';
    const settle = (pid: number | undefined): void => {
      socket.destroy();
      resolve(pid);
    };
    socket.setTimeout(1_000, () => settle(undefined));
    socket.once('error', () => settle(undefined));
    socket.once('close', () => settle(undefined));
    socket.once('connect', () => socket.write('PING\r\nINFO server\r\n'));
    socket.on('data', (chunk: Buffer) => {
      answer += chunk.toString('latin1');
      const pid = /\r\nprocess_id:(\d+)\r\n/.exec(answer)?.[1];
      if (pid !== undefined) settle(answer.startsWith('+PONG') ? Number(pid) : undefined);
    });
  });
}
