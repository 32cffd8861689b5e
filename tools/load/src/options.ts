import { timeSpan, wholeNumber } from '@frame-buffer/capture';
import { capabilityName, MAX_CAPACITY, MAX_PRIORITY } from '@frame-buffer/models';
import { Command, CommanderError, InvalidArgumentError, Option } from 'commander';
import { parseServiceTime, type ServiceTime } from './plan/service-time.ts';
import { parseShares, type Shares } from './plan/shares.ts';
import type { SimulatedProcessor } from './programs/settings.ts';

export interface LoadOptions {
  readonly fps: number;
  /** Infinity: until Ctrl-C. */
  readonly forMs: number;
  /** Left out of the figures of the steady state. */
  readonly warmUpMs: number;
  /** How long what is under way may become results once publishing is over. */
  readonly drainMs: number;
  readonly cameras: number;
  readonly mix: Shares;
  readonly priorities: Shares;
  /** Added to every record. */
  readonly paddingBytes: number;
  /** Those to start, simulated. */
  readonly processors: readonly SimulatedProcessor[];
  readonly service: ServiceTime;
  readonly concurrency: number;
  readonly capacity: number;
  readonly orchestrators: number;
  /** Environment of the orchestrators that are started. */
  readonly settings: Readonly<Record<string, string>>;
  /** A system that is there already; undefined: one is started. */
  readonly running: { readonly redisUrl: string; readonly orchestratorUrls: readonly string[] } | undefined;
  readonly json: boolean;
}

export type ParsedOptions =
  | { readonly kind: 'options'; readonly options: LoadOptions }
  /** What was asked for with --help. */
  | { readonly kind: 'help'; readonly text: string }
  | { readonly kind: 'fault'; readonly text: string };

const MAX_FPS = 100_000;
const MAX_CAMERAS = 100_000;
const MAX_PROCESSORS = 500;
/** A record of 64 KiB is a bad one. */
const MAX_PADDING_BYTES = 60_000;
const MAX_ORCHESTRATORS = 8;
const DEFAULT_MIX: Shares = [['object_detection', 1]];
const DEFAULT_PROCESSORS = 4;
const DEFAULT_SERVICE: ServiceTime = { meanMs: 20, shape: 'constant' };

const EXAMPLES = `
Examples:
  npm run load -- --fps 100 --for 60s --cameras 16 --mix object_detection=3,face_detection=1
  npm run load -- --fps 400 --processors 8 --service-ms 40:pareto --priority-mix 0=8,9=2
  npm run load -- --fps 80 --mix faces=1,plates=1 --processors faces=3,plates=1
  npm run load -- --redis redis://10.0.0.5:6379 --orchestrator http://10.0.0.5:8002 --fps 50
`;

/** Reads the command line. */
export function parseOptions(argv: readonly string[]): ParsedOptions {
  let text = '';
  const command = new Command('npm run load --')
    .description(
      'Publishes frames at a fixed rate, whatever becomes of them, and says what became of them and when.',
    )
    .option('--fps <n>', 'frames per second of all cameras together', rate, 100)
    .option(
      '--for <time>',
      'publish this long, such as 60s or 5m; without it until Ctrl-C',
      timeSpan('20s, 500ms, 5m'),
    )
    .addOption(
      new Option('--warm-up <time>', 'leave so much of the beginning out of the steady state')
        .argParser(timeSpan('20s, 500ms, 5m'))
        .default(2_000, '2s'),
    )
    .addOption(
      new Option('--drain <time>', 'then wait at most this long for what is under way')
        .argParser(timeSpan('20s, 500ms, 5m'))
        .default(30_000, '30s'),
    )
    .option('--cameras <n>', 'number of cameras', wholeNumber(1, MAX_CAMERAS), 16)
    .option('--mix <shares>', 'what frames ask for, such as faces=3,plates=1,faces+plates=1', mix)
    .option('--priority-mix <shares>', 'priorities from 0 to 10, such as 0=8,9=2', priorities)
    .option('--padding <bytes>', 'make every record longer by this', wholeNumber(0, MAX_PADDING_BYTES), 0)
    .option('--processors <n>', 'simulated processors: a number, or faces=3,plates=1', pools)
    .option(
      '--service-ms <time>',
      'what a frame takes: 20 (the default), 20:uniform, 20:exp or 20:pareto',
      service,
    )
    .option(
      '--concurrency <n>',
      'frames a simulated processor works on at once',
      wholeNumber(1, MAX_CAPACITY),
      1,
    )
    .option(
      '--capacity <n>',
      'frames it has outstanding at once (default: twice those)',
      wholeNumber(1, MAX_CAPACITY),
    )
    .option('--orchestrators <n>', 'number of orchestrators to start', wholeNumber(1, MAX_ORCHESTRATORS), 1)
    .option('--setting <name=value>', 'a setting of theirs (repeatable)', setting, {})
    .option('--redis <url>', 'use the system that runs on this Redis, and start no orchestrator', redisUrl)
    .option('--orchestrator <url>', 'an orchestrator of that system (repeatable)', httpUrl, [])
    .option('--json', 'end with one line of JSON', false)
    .addHelpText('after', EXAMPLES)
    .configureOutput({ writeOut: (part) => (text += part), writeErr: (part) => (text += part) })
    .allowExcessArguments(false)
    .exitOverride();
  try {
    command.parse([...argv], { from: 'user' });
    const given = command.opts<Given>();
    const { concurrency, capacity = Math.min(2 * concurrency, MAX_CAPACITY) } = given;
    if (capacity < concurrency)
      command.error(`error: --capacity must be ${concurrency} (--concurrency) or more`);
    if (given.redis === undefined && given.orchestrator.length > 0)
      command.error('error: --orchestrator belongs to a running system: --redis is missing');
    if (given.redis !== undefined && given.processors && given.orchestrator.length === 0)
      command.error('error: --processors register at an orchestrator: --orchestrator is missing');
    const shares = given.mix ?? DEFAULT_MIX;
    const processors = given.processors ?? (given.redis === undefined ? DEFAULT_PROCESSORS : 0);
    return {
      kind: 'options',
      options: {
        fps: given.fps,
        forMs: given.for ?? Number.POSITIVE_INFINITY,
        warmUpMs: given.warmUp,
        drainMs: given.drain,
        cameras: given.cameras,
        mix: shares,
        priorities: given.priorityMix ?? [['0', 1]],
        paddingBytes: given.padding,
        processors: processorsOf(processors, shares),
        service: given.serviceMs ?? DEFAULT_SERVICE,
        concurrency,
        capacity,
        orchestrators: given.orchestrators,
        settings: given.setting,
        running:
          given.redis === undefined
            ? undefined
            : { redisUrl: given.redis, orchestratorUrls: given.orchestrator },
        json: given.json,
      },
    };
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    return { kind: error.exitCode === 0 ? 'help' : 'fault', text };
  }
}

interface Given {
  fps: number;
  for?: number;
  warmUp: number;
  drain: number;
  cameras: number;
  mix?: Shares;
  priorityMix?: Shares;
  padding: number;
  processors?: number | Shares;
  serviceMs?: ServiceTime;
  concurrency: number;
  capacity?: number;
  orchestrators: number;
  setting: Record<string, string>;
  redis?: string;
  orchestrator: string[];
  json: boolean;
}

/** A number: each of them can do all that is asked for. By name: each can do one thing. */
function processorsOf(wanted: number | Shares, mix: Shares): SimulatedProcessor[] {
  const all = [...new Set(mix.flatMap(([name]) => name.split('+')))];
  if (typeof wanted === 'number')
    return Array.from({ length: wanted }, (_none, i) => ({ id: `load-${i + 1}`, capabilities: all }));
  return wanted.flatMap(([name, count]) =>
    Array.from({ length: count }, (_none, i) => ({ id: `load-${name}-${i + 1}`, capabilities: [name] })),
  );
}

function rate(value: string): number {
  const number = Number(value);
  if (number > 0 && number <= MAX_FPS) return number;
  throw new InvalidArgumentError(`Expected a number above 0 and up to ${MAX_FPS}.`);
}

function mix(value: string): Shares {
  const shares = parseShares(value, (name) => name.split('+').every(capabilityName.is));
  if (shares) return shares;
  throw new InvalidArgumentError('Expected capabilities with shares, such as faces=3,plates=1.');
}

function priorities(value: string): Shares {
  const shares = parseShares(value, (name) => /^\d{1,2}$/.test(name) && Number(name) <= MAX_PRIORITY);
  if (shares) return shares;
  throw new InvalidArgumentError(
    `Expected priorities from 0 to ${MAX_PRIORITY} with shares, such as 0=8,9=2.`,
  );
}

function pools(value: string): number | Shares {
  if (/^\d+$/.test(value)) return wholeNumber(0, MAX_PROCESSORS)(value);
  const shares = parseShares(value, capabilityName.is);
  const count = shares?.reduce((sum, [, number]) => sum + number, 0) ?? 0;
  if (shares?.every(([, number]) => Number.isInteger(number)) && count <= MAX_PROCESSORS) return shares;
  throw new InvalidArgumentError(
    `Expected a number up to ${MAX_PROCESSORS}, or capabilities with numbers, such as faces=3,plates=1.`,
  );
}

function service(value: string): ServiceTime {
  const time = parseServiceTime(value);
  if (time) return time;
  throw new InvalidArgumentError('Expected ms from 1 to 60000, such as 20, 20:uniform, 20:exp or 20:pareto.');
}

function setting(value: string, all: Record<string, string>): Record<string, string> {
  const [, name, text] = /^([A-Z][A-Z0-9_]*)=(.*)$/.exec(value) ?? [];
  if (name !== undefined) return { ...all, [name]: text ?? '' };
  throw new InvalidArgumentError('Expected a name and a value, such as ROUTING_STRATEGY=affinity.');
}

function redisUrl(value: string): string {
  if (/^rediss?:\/\//.test(value) && URL.canParse(value)) return value;
  throw new InvalidArgumentError('Expected an address that starts with redis:// or rediss://.');
}

function httpUrl(value: string, all: string[]): string[] {
  if (/^https?:\/\//.test(value) && URL.canParse(value)) return [...all, value.replace(/\/+$/, '')];
  throw new InvalidArgumentError('Expected an http or https address.');
}
