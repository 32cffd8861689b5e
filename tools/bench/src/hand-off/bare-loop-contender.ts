import { INPUT_GROUP, keyNames } from '@frame-buffer/models';
import { publishRecords } from '../frame-records.ts';
import { startProgram } from '../program.ts';
import { type Contender, type ContenderOptions, momentsOfEntries } from './contender.ts';

const MAIN = new URL('../programs/bare-loop.ts', import.meta.url);

/** What can be had at most from one process: reading and handing off, and nothing else. */
export function bareLoopContender({ redis, redisUrl, frames, processors }: ContenderOptions): Contender {
  const { input, ready } = keyNames();
  const queues = Array.from({ length: processors }, (_none, i) => ready(`processor-${i + 1}`));
  return {
    name: 'bare loop',
    frames,
    async start() {
      await redis.xgroup('CREATE', input, INPUT_GROUP, '0', 'MKSTREAM');
      await publishRecords(redis, input, frames);
      const settings = { redisUrl, input, group: INPUT_GROUP, queues };
      return {
        program: startProgram({ name: 'the bare loop', main: MAIN, args: [JSON.stringify(settings)] }),
        async handedOff() {
          const lengths = await Promise.all(queues.map((queue) => redis.xlen(queue)));
          return lengths.reduce((sum, length) => sum + length, 0);
        },
        momentsMs: () => momentsOfEntries(redis, queues),
      };
    },
  };
}
