import { Command, CommanderError } from 'commander';

/** The options as they were typed; nothing is checked yet. */
export interface RawOptions {
  source: string[];
  cameras?: string;
  fps: string;
  loop: boolean;
  for?: string;
  scale?: string;
  quality?: string;
  priority?: string;
  capability: string[];
  redis?: string;
  stream?: string;
  storage: string;
  ttl?: string;
  stallTimeout?: string;
  traceSampleRatio?: string;
  ignoreAdvice: boolean;
}

type Options = Omit<RawOptions, 'source' | 'capability'> & Partial<RawOptions>;

export type CommandLine =
  | { readonly kind: 'options'; readonly options: RawOptions }
  /** Help was shown, or the line could not be read; what there is to say has been said. */
  | { readonly kind: 'exit'; readonly code: number };

const EXIT_USAGE = 2;

const EXAMPLES = `
Sources:
  a video file        played at its own speed, once unless --loop
  rtsp://host/path    a camera; when it goes away it is tried again until it is back
  pattern             ffmpeg's moving test picture, 640x360

Examples:
  npm run capture -- --source pattern --cameras 3 --fps 10 --for 20s
  npm run capture -- --source shelf.mp4 --loop --capability motion_detection
  npm run capture -- --source rtsp://camera.local/stream1 --source rtsp://camera.local/stream2
  npm run capture -- --source pattern --storage /var/tmp/pictures --ttl 5m

Environment:
  REDIS_URL (or REDIS_HOST and REDIS_PORT), INPUT_STREAM, FFMPEG_PATH,
  OTEL_EXPORTER_OTLP_ENDPOINT (receiver of the spans; without it none are recorded), TRACE_SAMPLE_RATIO

Exit code: 0 when done or interrupted, 2 for options or videos that can't be used.`;

const repeated = (value: string, earlier: string[] = []): string[] => [...earlier, value];

/** @param argv without the program's own name */
export function readCommandLine(argv: readonly string[]): CommandLine {
  const command = new Command('capture')
    .description(
      'Publishes the pictures of cameras, video files and test patterns as frames, with a record for each in Redis.',
    )
    .option(
      '--source <where>',
      'file, rtsp:// address or pattern; repeat for more (default: pattern)',
      repeated,
    )
    .option('--cameras <number>', 'cameras in all, taking turns at the sources (default: one for each)')
    .option('--fps <number>', 'pictures per second for each camera, or native', 'native')
    .option('--loop', 'start files again at their end', false)
    .option('--for <duration>', 'stop after this time: 20s, 5m, 1h')
    .option('--scale <size>', 'size of the pictures, such as 320x180 (default: as in the source)')
    .option('--quality <number>', 'JPEG quality, 2 (best) to 31 (default: 5)')
    .option('--priority <number>', 'priority of the frames, 0 to 10 (default: 0)')
    .option('--capability <name>', 'what is asked for every frame; repeat for more', repeated)
    .option('--redis <url>', 'where Redis is (default: REDIS_URL, else redis://127.0.0.1:6379)')
    .option('--stream <name>', 'stream of the records (default: INPUT_STREAM, else frames:metadata)')
    .option('--storage <where>', 'where pictures lie: redis, or a folder', 'redis')
    .option('--ttl <duration>', 'how long pictures are kept (default: 60s)')
    .option('--stall-timeout <duration>', 'a camera silent for this long is started again (default: 10s)')
    .option(
      '--trace-sample-ratio <number>',
      'share of the traces that are recorded, 0 to 1 (default: TRACE_SAMPLE_RATIO, else 0.01)',
    )
    .option('--ignore-advice', 'send all pictures, whatever frame rate orchestrators advise', false)
    .addHelpText('after', EXAMPLES)
    .showHelpAfterError('(--help shows all options)')
    .exitOverride();
  try {
    command.parse(argv, { from: 'user' });
  } catch (error) {
    if (error instanceof CommanderError) {
      return { kind: 'exit', code: error.exitCode === 0 ? 0 : EXIT_USAGE };
    }
    throw error;
  }
  return { kind: 'options', options: { source: [], capability: [], ...command.opts<Options>() } };
}
