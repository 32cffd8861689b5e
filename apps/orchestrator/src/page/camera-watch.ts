import { type CameraFlow, createRateMeter, type RateMeter } from '@frame-buffer/backpressure';
import { ANY_PROCESSOR } from '../any-processor.ts';
import type { CameraGrid, CameraRow } from './live-state.ts';

/**
 * Cameras and what they ask for: how much is wanted (by the time of publishing, so that a backlog doesn't hide it), how much comes
 * out, and since when nothing has. Memory is bounded: a camera beyond the bound isn't shown, and counted.
 */
export interface CameraWatch {
  /** A frame was read. @param publishedMs by the clock of Redis */
  read(camera: string, capabilities: readonly (string | undefined)[], publishedMs: number): void;
  /** Results were found. @param frames may be an estimate. @param atMs when the last one was published */
  results(camera: string, capability: string | undefined, frames: number, atMs: number): void;
  /**
   * @param nowMs by the clock of Redis
   * @param caughtUp whether everything published has been read: then silence is silence
   */
  grid(nowMs: number, options: { readonly caughtUp: boolean; readonly sampled: boolean }): CameraGrid;
  /** Cameras that send no more. Empty while there is a backlog: nobody knows then. */
  silent(nowMs: number, caughtUp: boolean): { camera: string; silentMs: number }[];
  /** When the last frame of each was published, by the clock of Redis. */
  lastFrames(): Iterable<readonly [camera: string, lastMs: number]>;
  /** What each sends and asks for, by the time of publishing. */
  flows(): CameraFlow[];
  /** What frames ask for. */
  asked(): Set<string>;
}

interface Cell {
  readonly wanted: RateMeter;
  readonly got: RateMeter;
  lastResultMs: number | undefined;
}

interface Camera {
  readonly cells: Map<string, Cell>;
  readonly sent: RateMeter;
  firstMs: number;
  lastMs: number;
  frames: number;
}

const MAX_CAMERAS = 1_000;
const MAX_CAPABILITIES = 16;
/** Beyond these the page would be a book. */
const SHOWN = 200;
/** A camera is silent after this many of its usual intervals, within these bounds. */
const SILENT_INTERVALS = 10;
const MIN_SILENT_MS = 3_000;
const MAX_SILENT_MS = 60_000;
/** A camera that was taken away is forgotten. */
const FORGOTTEN_MS = 3_600_000;

/**
 * @param startMs by the clock of Redis
 * @param resultsClock how far results have been read, by the clock of Redis
 */
export function createCameraWatch(startMs: number, resultsClock: () => number): CameraWatch {
  const cameras = new Map<string, Camera>();
  let untracked = new Set<string>();
  /** How far the reading has come, by the clock of Redis. */
  let positionMs = startMs;
  let nowMs = startMs;

  function cellOf(camera: Camera, capability: string | undefined): Cell | undefined {
    const name = capability ?? ANY_PROCESSOR;
    let cell = camera.cells.get(name);
    if (!cell && camera.cells.size < MAX_CAPABILITIES) {
      cell = {
        wanted: createRateMeter({ clock: () => positionMs }),
        got: createRateMeter({ clock: resultsClock }),
        lastResultMs: undefined,
      };
      camera.cells.set(name, cell);
    }
    return cell;
  }

  function cameraOf(name: string, seenMs: number): Camera | undefined {
    let camera = cameras.get(name);
    if (!camera) {
      if (cameras.size >= MAX_CAMERAS) {
        if (untracked.size < MAX_CAMERAS) untracked.add(name);
        return undefined;
      }
      const sent = createRateMeter({ clock: () => positionMs });
      cameras.set(name, (camera = { cells: new Map(), sent, firstMs: seenMs, lastMs: seenMs, frames: 0 }));
    }
    return camera;
  }

  function silentAfterMs({ firstMs, lastMs, frames }: Camera): number {
    const interval = frames > 1 ? (lastMs - firstMs) / (frames - 1) : MAX_SILENT_MS;
    return Math.min(MAX_SILENT_MS, Math.max(MIN_SILENT_MS, interval * SILENT_INTERVALS));
  }

  function rowOf(name: string, { cells, lastMs }: Camera): CameraRow {
    return {
      camera: name,
      silentMs: Math.max(0, nowMs - lastMs),
      capabilities: [...cells].map(([capability, { wanted, got, lastResultMs }]) => ({
        capability,
        wanted: known(wanted.perSecond()),
        got: lastResultMs === undefined ? null : known(got.perSecond()),
        sinceResultMs: lastResultMs === undefined ? null : Math.max(0, nowMs - lastResultMs),
      })),
    };
  }

  return {
    read(name, capabilities, publishedMs) {
      if (publishedMs > positionMs) positionMs = publishedMs;
      const camera = cameraOf(name, publishedMs);
      if (!camera) return;
      camera.lastMs = Math.max(camera.lastMs, publishedMs);
      camera.frames++;
      camera.sent.add();
      for (const capability of capabilities) cellOf(camera, capability)?.wanted.add();
    },
    results(name, capability, frames, atMs) {
      const camera = cameras.get(name);
      if (!camera) return;
      // Older processors don't say what it is a result of.
      const only =
        capability === undefined && camera.cells.size === 1 ? [...camera.cells.values()][0] : undefined;
      const cell = only ?? cellOf(camera, capability);
      if (!cell) return;
      cell.got.add(frames);
      cell.lastResultMs = Math.max(cell.lastResultMs ?? 0, atMs);
    },
    grid(atMs, { caughtUp, sampled }) {
      nowMs = Math.max(nowMs, atMs);
      if (caughtUp) positionMs = Math.max(positionMs, atMs);
      for (const [name, { lastMs }] of cameras) if (nowMs - lastMs > FORGOTTEN_MS) cameras.delete(name);
      const hidden = Math.max(0, cameras.size - SHOWN) + untracked.size;
      untracked = new Set();
      // In a crowd those come first that somebody should see.
      const names =
        cameras.size > SHOWN
          ? [...cameras].toSorted(([, a], [, b]) => a.lastMs - b.lastMs).slice(0, SHOWN)
          : [...cameras];
      const rows = names
        .toSorted(([a], [b]) => collator.compare(a, b))
        .map(([name, camera]) => rowOf(name, camera));
      return { rows, hidden, sampled };
    },
    silent(atMs, caughtUp) {
      if (!caughtUp) return [];
      return [...cameras]
        .map(([camera, seen]) => ({
          camera,
          silentMs: atMs - seen.lastMs,
          limitMs: silentAfterMs(seen),
          frames: seen.frames,
        }))
        .filter(({ silentMs, limitMs, frames }) => frames > 1 && silentMs > limitMs)
        .map(({ camera, silentMs }) => ({ camera, silentMs }));
    },
    *lastFrames() {
      for (const [camera, { lastMs }] of cameras) yield [camera, lastMs];
    },
    flows: () =>
      Array.from(cameras, ([cameraId, { cells, sent, lastMs }]) => {
        const perSecond = sent.perSecond();
        const needs = Array.from(cells, ([capability, { wanted }]): [string, number] => {
          const share = wanted.perSecond() / perSecond;
          return [capability, share >= 0 ? Math.min(1, share) : 1];
        });
        const silentMs = Math.max(0, positionMs - lastMs);
        return { cameraId, perSecond, silentMs, needs: Object.fromEntries(needs) };
      }),
    asked() {
      const asked = new Set<string>();
      for (const { cells } of cameras.values()) for (const name of cells.keys()) asked.add(name);
      return asked;
    },
  };
}

/** camera-2 before camera-10. */
const collator = new Intl.Collator('en', { numeric: true });

const known = (rate: number): number | null => (Number.isNaN(rate) ? null : rate);
