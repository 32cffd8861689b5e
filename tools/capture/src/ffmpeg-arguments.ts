import { type FfmpegVersion, isAtLeast } from './ffmpeg-version.ts';
import type { PictureSize } from './jpeg-size.ts';
import type { Source } from './source.ts';

/** What ffmpeg is asked to make of a source. */
export interface Decoding {
  readonly source: Source;
  /** Pictures per second, or every picture that there is. */
  readonly fps: number | 'native';
  /** Start a file again at its end. */
  readonly loop: boolean;
  /** In pixels; undefined: as the source has it. */
  readonly scale: PictureSize | undefined;
  /** JPEG quality as ffmpeg counts it: 2 is best, 31 worst. */
  readonly quality: number;
  /** Colours the test pattern, so that cameras can be told apart; from 0. */
  readonly variant: number;
}

export const PATTERN_SIZE: PictureSize = { width: 640, height: 360 };
export const PATTERN_FPS = 25;
/** A camera that doesn't answer for this long is gone. */
const RTSP_TIMEOUT_MS = 5_000;
/** An angle that visits many colours before it repeats. */
const HUE_STEP_DEGREES = 67;

/**
 * The command line that decodes a source at its own speed into JPEGs on standard output, each with its length in front.
 * Standard input is not read. When the reader of the output is gone, the next picture ends ffmpeg: it leaves no orphans.
 */
export function ffmpegArguments(decoding: Decoding, version: FfmpegVersion): string[] {
  return [
    ...['-nostdin', '-hide_banner', '-nostats', '-loglevel', 'error'],
    ...inputOf(decoding, version),
    // V: no cover pictures or thumbnails.
    ...['-map', '0:V:0'],
    ...filtersOf(decoding),
    ...encoding(decoding, version),
    ...['-flush_packets', '1', '-f', 'mpjpeg', 'pipe:1'],
  ];
}

/** The command line that decodes the first picture and ends: what can't do that can't be captured. */
export function probeArguments(source: Source, version: FfmpegVersion): string[] {
  const decoding: Decoding = {
    source,
    fps: 'native',
    loop: false,
    scale: undefined,
    quality: 31,
    variant: 0,
  };
  const all = ffmpegArguments(decoding, version).filter((argument) => argument !== '-re');
  return [...all.slice(0, -1), '-frames:v', '1', ...all.slice(-1)];
}

function inputOf({ source, fps, loop }: Decoding, version: FfmpegVersion): string[] {
  switch (source.kind) {
    case 'pattern': {
      const rate = fps === 'native' ? PATTERN_FPS : fps;
      const size = `${PATTERN_SIZE.width}x${PATTERN_SIZE.height}`;
      return ['-re', '-f', 'lavfi', '-i', `testsrc2=size=${size}:rate=${rate}`];
    }
    case 'file':
      return ['-re', ...(loop ? ['-stream_loop', '-1'] : []), '-i', source.path];
    case 'rtsp':
      return [
        ...['-rtsp_transport', 'tcp', '-allowed_media_types', 'video', '-fflags', 'nobuffer'],
        // No guessing of the frame rate, which would hold the first picture back by seconds: the timestamps do.
        ...['-fpsprobesize', '0'],
        // In microseconds. Before 5.0, -timeout meant to wait for the camera to call.
        ...[isAtLeast(version, 5, 0) ? '-timeout' : '-stimeout', String(RTSP_TIMEOUT_MS * 1000)],
        ...['-i', source.url],
      ];
  }
}

function filtersOf({ source, fps, scale, variant }: Decoding): string[] {
  const filters: string[] = [];
  if (source.kind === 'pattern' && variant > 0) filters.push(`hue=h=${(variant * HUE_STEP_DEGREES) % 360}`);
  if (source.kind !== 'pattern' && fps !== 'native') filters.push(`fps=${fps}`);
  if (scale) filters.push(`scale=${scale.width}:${scale.height}`);
  return filters.length > 0 ? ['-vf', filters.join(',')] : [];
}

function encoding({ quality }: Decoding, version: FfmpegVersion): string[] {
  return [
    // Every decoded picture once, none invented to keep a steady rate.
    ...[isAtLeast(version, 5, 1) ? '-fps_mode' : '-vsync', 'passthrough'],
    ...['-c:v', 'mjpeg', '-q:v', String(quality), '-pix_fmt', 'yuvj420p'],
  ];
}
