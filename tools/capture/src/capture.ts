import { setTimeout as wait } from 'node:timers/promises';
import type { KeyNames } from '@frame-buffer/models';
import type { Redis } from 'ioredis';
import { watchAdvice } from './advice-watch.ts';
import { type Camera, type CameraStatus, createCamera } from './camera.ts';
import { type CameraOptions, type CameraRequest, cameraOptions, requireRange } from './camera-options.ts';
import { type CameraPublisher, type PublishedCounts, createCameraPublisher } from './camera-publisher.ts';
import { startCaptureTracing } from './capture-tracing.ts';
import { environment } from './config.ts';
import { ffmpegArguments } from './ffmpeg-arguments.ts';
import { runFfmpeg } from './ffmpeg-run.ts';
import { ffmpegVersion } from './ffmpeg-version.ts';
import { createFolderOutlet } from './folder-outlet.ts';
import { type CaptureLogger, silentLogger } from './logger.ts';
import type { Outlet } from './outlet.ts';
import { connectRedis } from './redis-connection.ts';
import { createRedisOutlet } from './redis-outlet.ts';
import { withDefaults } from './with-defaults.ts';

/** Where pictures lie until they expire. */
export type StorageOptions =
  | { readonly backend: 'redis'; readonly ttlMs?: number }
  | { readonly backend: 'file'; readonly directory: string; readonly ttlMs?: number };

export interface CaptureOptions {
  /** An address, or a factory whose connection is then ours to end. Default: the environment's. */
  redis: string | (() => Redis);
  keys: Pick<KeyNames, 'input' | 'pixels' | 'advisedRates'>;
  cameras: readonly CameraRequest[];
  storage: StorageOptions;
  /** A picture's key is this and its frame id. In a cluster: with the hash tag of the input stream. */
  pixelsPrefix: string;
  logger: CaptureLogger;
  /** Stops the capture. */
  signal: AbortSignal;
  /** Default: the environment's, else `ffmpeg` on the PATH. */
  ffmpegPath: string;
  /** A camera without a picture for this long (or for three of its own intervals, where that is longer) is started again. */
  stallTimeoutMs: number;
  /** For each camera: pictures on their way to Redis or the disk. */
  maxInFlight: number;
  /** OTLP/HTTP receiver of the spans `capture_frame`. Default: the environment's, else none; then no trace is sampled. */
  otlpEndpoint: string | undefined;
  /** Share of the traces that are recorded, and marked as sampled, 0 to 1. Default: the environment's, else 0.01. */
  traceSampleRatio: number;
  /** Whether cameras keep to the frame rates that orchestrators advise. */
  obeyAdvice: boolean;
  clock: () => number;
  rng: () => number;
}

export type CameraStats = CameraStatus & PublishedCounts & { readonly cameraId: string };

export interface Capture {
  /** Ends ffmpeg, waits until the last pictures are published and the last spans exported, and closes the connections. */
  stop(): Promise<void>;
  /** Resolves when every camera has ended (a file came to its end, or the capture was stopped) and everything is closed. Never rejects. */
  readonly done: Promise<readonly CameraStats[]>;
  /** In the order of the cameras. */
  stats(): CameraStats[];
}

/** Longer than a frame should wait for its processor; a camera in HD takes 200 MB of Redis at this. */
export const DEFAULT_TTL_MS = 60_000;
const DEFAULT_STALL_TIMEOUT_MS = 10_000;
/** Two seconds of a camera: as long as a Redis that restarts may take. */
const DEFAULT_MAX_IN_FLIGHT = 64;
/** Ranges, ends included. */
export const CAPTURE_LIMITS = {
  stallTimeoutMs: { minimum: 100, maximum: 3_600_000 },
  maxInFlight: { minimum: 1, maximum: 100_000, whole: true },
  traceSampleRatio: { minimum: 0, maximum: 1 },
  ttlMs: { minimum: 1, maximum: 86_400_000 },
} as const;
const STALLED_INTERVALS = 3;
/** Pictures not stored by then are given up when the capture ends. */
const SETTLE_TIMEOUT_MS = 5_000;

/**
 * Captures every camera until its end or until stopped. One camera's trouble is its own: the others go on.
 * @throws RangeError for an option out of its range, TypeError for a receiver of spans that is no address; whatever the file
 * system says where the folder can't be made
 */
export function startCapture(
  options: Pick<CaptureOptions, 'keys' | 'cameras' | 'storage'> & Partial<CaptureOptions>,
): Capture {
  const { redisUrl, ffmpegPath, otlpEndpoint, traceSampleRatio } = environment();
  const complete = withDefaults<CaptureOptions>(
    {
      ...options,
      redis: redisUrl,
      pixelsPrefix: options.keys.pixels,
      logger: silentLogger,
      signal: new AbortController().signal,
      ffmpegPath,
      stallTimeoutMs: DEFAULT_STALL_TIMEOUT_MS,
      maxInFlight: DEFAULT_MAX_IN_FLIGHT,
      otlpEndpoint,
      traceSampleRatio: Number(traceSampleRatio),
      obeyAdvice: true,
      clock: Date.now,
      rng: Math.random,
    },
    options,
  );
  const cameras = options.cameras.map(cameraOptions);
  requireValid(complete, cameras);
  return capture(complete, cameras);
}

interface Entry {
  readonly cameraId: string;
  readonly camera: Camera;
  readonly publisher: CameraPublisher;
}

function capture(options: CaptureOptions, cameras: readonly CameraOptions[]): Capture {
  const { redis, logger } = options;
  const tracing = startCaptureTracing(options);
  const client = typeof redis === 'string' ? connectRedis(redis, logger) : redis();
  const outlet = openOutlet(options, client);
  const stopping = new AbortController();
  const signal = AbortSignal.any([options.signal, stopping.signal]);
  const version = ffmpegVersion(options.ffmpegPath);

  const entries = cameras.map((camera, variant): Entry => {
    const publisher = createCameraPublisher({ ...options, camera, outlet, trace: tracing.captured });
    const decode = async (onPicture: (jpeg: Buffer) => void, ending: AbortSignal) =>
      runFfmpeg({
        ffmpegPath: options.ffmpegPath,
        args: ffmpegArguments({ ...camera, variant }, await version),
        onPicture,
        stallTimeoutMs: stallTimeoutOf(camera, options.stallTimeoutMs),
        signal: ending,
      });
    return {
      cameraId: camera.cameraId,
      publisher,
      camera: createCamera(camera, { ...options, decode, pause, onPicture: (jpeg) => publisher.offer(jpeg) }),
    };
  });
  const stats = (): CameraStats[] =>
    entries.map(({ cameraId, camera, publisher }) => ({
      cameraId,
      ...camera.status(),
      ...publisher.counts(),
    }));

  const run = async (): Promise<readonly CameraStats[]> => {
    const looking = new AbortController();
    const publishers = new Map(entries.map(({ cameraId, publisher }) => [cameraId, publisher]));
    const advice =
      options.obeyAdvice &&
      watchAdvice({
        client,
        key: options.keys.advisedRates,
        cameraIds: [...publishers.keys()],
        onAdvice: (cameraId, its) => publishers.get(cameraId)?.advise(its),
        signal: looking.signal,
      });
    await Promise.all(entries.map(({ camera }) => camera.run(signal)));
    looking.abort();
    await advice;
    const settled = new AbortController();
    await Promise.race([
      Promise.all(entries.map(({ publisher }) => publisher.settled())),
      pause(SETTLE_TIMEOUT_MS, settled.signal),
    ]);
    settled.abort();
    for (const { publisher } of entries) publisher.close();
    outlet.close();
    client.disconnect();
    await tracing.shutdown();
    return stats();
  };
  const done = run();
  return {
    async stop() {
      stopping.abort();
      await done;
    },
    done,
    stats,
  };
}

function pause(ms: number, signal: AbortSignal): Promise<void> {
  return wait(ms, undefined, { signal }).catch(() => {});
}

/** @throws where the folder can't be made; the connection is closed then */
function openOutlet(options: CaptureOptions, client: Redis): Outlet {
  try {
    return outletOf(options, client);
  } catch (error) {
    client.disconnect();
    throw error;
  }
}

function outletOf({ storage, keys, pixelsPrefix, clock }: CaptureOptions, client: Redis): Outlet {
  const target = { client, stream: keys.input, pixelsPrefix, ttlMs: storage.ttlMs ?? DEFAULT_TTL_MS };
  switch (storage.backend) {
    case 'redis':
      return createRedisOutlet(target);
    case 'file':
      return createFolderOutlet({ ...target, directory: storage.directory, clock });
  }
}

/** A camera that is asked for few pictures gives few without being stalled. */
function stallTimeoutOf({ fps }: CameraOptions, stallTimeoutMs: number): number {
  return fps === 'native' ? stallTimeoutMs : Math.max(stallTimeoutMs, (STALLED_INTERVALS * 1000) / fps);
}

/** @throws RangeError */
function requireValid(options: CaptureOptions, cameras: readonly CameraOptions[]): void {
  for (const name of ['stallTimeoutMs', 'maxInFlight', 'traceSampleRatio'] as const) {
    requireRange(name, options[name], CAPTURE_LIMITS[name]);
  }
  requireRange('storage.ttlMs', options.storage.ttlMs ?? DEFAULT_TTL_MS, CAPTURE_LIMITS.ttlMs);
  const ids = new Set(cameras.map(({ cameraId }) => cameraId));
  if (ids.size < cameras.length) throw new RangeError('cameras must have different values of cameraId');
}
