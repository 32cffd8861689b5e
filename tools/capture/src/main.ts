import { clearTimeout, setTimeout } from 'node:timers';
import { faultText, hashTagOf, keyNames } from '@frame-buffer/models';
import { type CameraStats, startCapture } from './capture.ts';
import { readCommandLine } from './command-line.ts';
import { environment } from './config.ts';
import { createLineLogger } from './line-logger.ts';
import { unreadableFiles } from './probe.ts';
import { type Settings, settingsOf } from './settings.ts';
import { parseSource } from './source.ts';

const EXIT_CONFIGURATION = 2;

async function main(): Promise<number> {
  const line = readCommandLine(process.argv.slice(2));
  if (line.kind === 'exit') return line.code;
  const settings = settingsOf(line.options, environment());
  const sources = line.options.source.map(parseSource).flatMap((parsed) => (parsed.ok ? [parsed.value] : []));
  const faults = [
    ...(settings.ok ? [] : settings.faults.map(faultText)),
    ...(await unreadableFiles(sources, { ffmpegPath: environment().ffmpegPath })),
  ];
  if (settings.ok && faults.length === 0) return run(settings.value);
  for (const fault of faults) process.stderr.write(`${fault}\n`);
  return EXIT_CONFIGURATION;
}

async function run(settings: Settings): Promise<number> {
  const { redisUrl, forMs, stream } = settings;
  const stopping = new AbortController();
  const stop = (): void => stopping.abort();
  process.once('SIGINT', stop).once('SIGTERM', stop);
  const timer = forMs === undefined ? undefined : setTimeout(stop, forMs);
  try {
    const capture = startCapture({
      ...settings,
      redis: redisUrl,
      keys: keyNames({ input: stream, hashTag: hashTagOf(redisUrl) }),
      logger: createLineLogger((text) => process.stderr.write(text)),
      signal: stopping.signal,
    });
    for (const camera of await capture.done) process.stdout.write(`${summaryOf(camera)}\n`);
    return 0;
  } catch (error) {
    process.stderr.write(`The capture can't start: ${error instanceof Error ? error.message : error}\n`);
    return EXIT_CONFIGURATION;
  } finally {
    clearTimeout(timer);
  }
}

function summaryOf({ cameraId, published, leftOut, skipped, failed, restarts }: CameraStats): string {
  return `${cameraId}: ${published} published, ${leftOut} left out, ${skipped} skipped, ${failed} failed, ${restarts} restarts`;
}

process.exitCode = await main();
