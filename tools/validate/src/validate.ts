import { hashTagOf, keyNames } from '@frame-buffer/models';
import { connectRedis, listDeadLetters } from '@frame-buffer/stream-consumer';
import type { Context } from './context.ts';
import { checkBooks, checkReaders, checkStream } from './deployment.ts';
import { checkEndToEnd } from './end-to-end.ts';
import { checkFailures } from './failure-scenarios.ts';
import type { Finding, Task } from './finding.ts';
import type { ValidateOptions } from './options.ts';
import { orchestratorAt } from './orchestrator.ts';
import { checkPerformance, type PerformanceFigures } from './performance-check.ts';
import { createProbe } from './probe.ts';
import { createProbeProcessors } from './probe-processors.ts';
import { readProbeResults } from './probe-results.ts';
import type { Report } from './report.ts';

const COMMAND_MS = 5_000;
const NEWEST_DEAD_LETTERS = 100;

/** Runs the five tasks one after the other. @param say tells what is being done @throws where it was interrupted */
export async function validate(
  options: ValidateOptions,
  { say, signal }: { say: (line: string) => void; signal: AbortSignal },
): Promise<Report> {
  const { redisUrl, orchestratorUrl, apiToken, group } = options;
  const findings: Finding[] = [];
  const keys = keyNames({ input: options.inputStream, hashTag: hashTagOf(redisUrl) });
  const probe = createProbe(keys);
  let trouble = 'it does not answer';
  const onError = (error: Error): void => void (trouble = error.message);
  const redis = connectRedis(redisUrl, { name: 'validate', onError, commandTimeoutMs: COMMAND_MS });
  const reads = connectRedis(redisUrl, { name: 'validate-results', onError });
  const orchestrator = orchestratorAt(orchestratorUrl, apiToken);
  const processors = createProbeProcessors({ probe, redisUrl, orchestratorUrl, apiToken, signal });
  const results = readProbeResults(reads, probe.results);
  const reading = new AbortController();

  const note = (task: Task) => (check: string, passed: boolean, detail: string) => {
    findings.push({ task, check, passed, detail });
  };
  const context = (task: Task): Context => ({
    redis,
    keys,
    group,
    orchestrator,
    probe,
    results,
    signal,
    note: note(task),
    startProcessor: processors.start,
    async publish(name, count) {
      const records = Array.from({ length: count }, (_none, i) => probe.record(name, i));
      for (const record of records) await redis.xadd(keys.input, '*', ...Object.entries(record).flat());
      return records.map((record) => record['frame_id'] ?? '');
    },
  });
  /** What a task throws is a finding, and the next one is tried all the same. */
  const attempt = async (task: Task, run: (context: Context) => Promise<unknown>): Promise<void> => {
    signal.throwIfAborted();
    try {
      await run(context(task));
    } catch (error) {
      signal.throwIfAborted();
      note(task)('could be carried out', false, error instanceof Error ? error.message : String(error));
    }
  };
  let performance: PerformanceFigures | undefined;
  const report = (): Report => ({ passed: findings.every(({ passed }) => passed), findings, performance });

  const answers = await redis.ping().catch(() => undefined);
  if (answers === undefined) {
    note('capture')('Redis answers', false, trouble);
    for (const connection of [redis, reads]) connection.disconnect();
    return report();
  }
  const read = results.run(reading.signal).catch(() => {});
  try {
    say('1 capture to stream, 2 stream to orchestrator');
    await attempt('capture', checkStream);
    await attempt('stream', checkReaders);
    say('3 end to end');
    await attempt('endToEnd', checkEndToEnd);
    say(`4 performance: ${options.fps} frames/s for ${options.forMs / 1000} s`);
    await attempt('performance', async (each) => {
      performance = await checkPerformance(each, options);
    });
    say('5 failure scenarios');
    await attempt('failure', checkFailures);
    await attempt('failure', checkBooks);
    return report();
  } finally {
    reading.abort();
    await processors.stop();
    await read;
    await cleanUp(context('failure'));
    for (const connection of [redis, reads]) connection.disconnect();
  }
}

/** Nothing of the probe is left but counts in the books, and acknowledged input that the orchestrator trims like any other. */
async function cleanUp({ redis, keys, orchestrator, probe }: Context): Promise<void> {
  await orchestrator.call('DELETE', `/processors/${probe.processorId('victim')}`).catch(() => {});
  await redis.del(probe.results).catch(() => {});
  const letters = await listDeadLetters(redis, keys, { count: NEWEST_DEAD_LETTERS }).catch(() => []);
  for (const { id, fields } of letters) {
    if (fields['camera_id'] === probe.cameraId) await redis.xdel(keys.deadLetter, id).catch(() => {});
  }
}
