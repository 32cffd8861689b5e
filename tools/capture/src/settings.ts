import { type Decoded, type Fault, capabilityName, parseRedisAddress, shown } from '@frame-buffer/models';
import { camerasOf } from './camera-list.ts';
import { CAMERA_LIMITS, type CameraRequest, type Range, isInRange, rangeText } from './camera-options.ts';
import { CAPTURE_LIMITS, type StorageOptions } from './capture.ts';
import type { RawOptions } from './command-line.ts';
import type { Environment } from './config.ts';
import { parseDuration } from './duration.ts';
import type { PictureSize } from './jpeg-size.ts';
import { type Source, parseSource, withoutSecrets } from './source.ts';

/** What the program runs with. */
export interface Settings {
  readonly cameras: readonly CameraRequest[];
  readonly redisUrl: string;
  readonly ffmpegPath: string;
  readonly stream: string | undefined;
  readonly storage: StorageOptions;
  readonly forMs: number | undefined;
  readonly stallTimeoutMs: number | undefined;
  readonly otlpEndpoint: string | undefined;
  readonly traceSampleRatio: number | undefined;
  readonly obeyAdvice: boolean;
}

const MAX_CAMERAS = 1_000;
const MAX_FOR_MS = 2 ** 31 - 1;
const SCALE = /^(\d+)x(\d+)$/;
const DURATION = 'a time such as 500ms, 20s, 5m or 1h';

/** Options and environment, checked; all faults at once. */
export function settingsOf(raw: RawOptions, environment: Environment): Decoded<Settings> {
  const faults: Fault[] = [];
  const fault = (field: string, value: unknown, expected: string): undefined => {
    faults.push({ field, value: shown(value), expected });
  };
  const number = (field: string, text: string | undefined, range: Range): number | undefined => {
    if (text === undefined) return undefined;
    const value = text.trim() === '' ? Number.NaN : Number(text);
    return isInRange(value, range) ? value : fault(field, text, rangeText(range));
  };
  const duration = (
    field: string,
    text: string | undefined,
    { minimum, maximum }: Range,
  ): number | undefined => {
    if (text === undefined) return undefined;
    const ms = parseDuration(text);
    if (ms === undefined) return fault(field, text, DURATION);
    return isInRange(ms, { minimum, maximum }) ? ms : fault(field, text, `${minimum} to ${maximum} ms`);
  };
  const size = (field: string, text: string | undefined): PictureSize | undefined => {
    if (text === undefined) return undefined;
    const [, width, height] = SCALE.exec(text) ?? [];
    const sides = { width: Number(width), height: Number(height) };
    const { side } = CAMERA_LIMITS;
    if (isInRange(sides.width, side) && isInRange(sides.height, side)) return sides;
    return fault(field, text, `a size such as 320x180, each side ${rangeText(side)}`);
  };

  const sources = sourcesOf(raw.source, faults);
  const minimum = Math.max(1, raw.source.length);
  const count = number('--cameras', raw.cameras, { minimum, maximum: MAX_CAMERAS, whole: true });
  for (const name of raw.capability) {
    if (!capabilityName.is(name)) fault('--capability', name, capabilityName.name);
  }
  const redisUrl = raw.redis ?? environment.redisUrl;
  if (!parseRedisAddress(redisUrl)) {
    fault(
      raw.redis ? '--redis' : 'REDIS_URL',
      withoutSecrets(redisUrl),
      `an address such as redis://host:6379${raw.redis ? '' : ', or hosts in REDIS_SENTINELS or REDIS_CLUSTER_NODES'}`,
    );
  }
  const { otlpEndpoint } = environment;
  if (otlpEndpoint !== undefined && !isHttp(otlpEndpoint)) {
    fault(
      'OTEL_EXPORTER_OTLP_ENDPOINT',
      withoutSecrets(otlpEndpoint),
      'an address such as http://localhost:4318',
    );
  }
  if (raw.storage === '') fault('--storage', raw.storage, 'redis, or a folder');
  const ttlMs = duration('--ttl', raw.ttl, CAPTURE_LIMITS.ttlMs);
  const value: Settings = {
    cameras: camerasOf({
      sources,
      count,
      fps: raw.fps === 'native' ? 'native' : number('--fps', raw.fps, CAMERA_LIMITS.fps),
      loop: raw.loop,
      scale: size('--scale', raw.scale),
      quality: number('--quality', raw.quality, CAMERA_LIMITS.quality),
      priority: number('--priority', raw.priority, CAMERA_LIMITS.priority),
      capabilities: raw.capability.length > 0 ? raw.capability : undefined,
    }),
    redisUrl,
    ffmpegPath: environment.ffmpegPath,
    stream: raw.stream ?? environment.inputStream,
    storage:
      raw.storage === 'redis'
        ? { backend: 'redis', ttlMs }
        : { backend: 'file', directory: raw.storage, ttlMs },
    forMs: duration('--for', raw.for, { minimum: 1, maximum: MAX_FOR_MS }),
    stallTimeoutMs: duration('--stall-timeout', raw.stallTimeout, CAPTURE_LIMITS.stallTimeoutMs),
    otlpEndpoint,
    traceSampleRatio:
      number('--trace-sample-ratio', raw.traceSampleRatio, CAPTURE_LIMITS.traceSampleRatio) ??
      number('TRACE_SAMPLE_RATIO', environment.traceSampleRatio, CAPTURE_LIMITS.traceSampleRatio),
    obeyAdvice: !raw.ignoreAdvice,
  };
  return faults.length > 0 ? { ok: false, faults } : { ok: true, value };
}

const isHttp = (text: string): boolean =>
  URL.canParse(text) && ['http:', 'https:'].includes(new URL(text).protocol);

function sourcesOf(texts: readonly string[], faults: Fault[]): Source[] {
  const sources: Source[] = [];
  for (const text of texts.length > 0 ? texts : ['pattern']) {
    const parsed = parseSource(text);
    if (parsed.ok) sources.push(parsed.value);
    else faults.push(...parsed.faults.map((found) => ({ ...found, field: '--source' })));
  }
  return sources;
}
