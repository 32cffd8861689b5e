import type { CameraOptions, CameraRequest } from './camera-options.ts';
import type { Source } from './source.ts';

export interface CameraListOptions extends Partial<Omit<CameraOptions, 'cameraId' | 'source'>> {
  readonly sources: readonly Source[];
  /** In all; default one for each source. More cameras than sources take turns at the sources. */
  readonly count?: number | undefined;
}

/** Cameras `camera-1`, `camera-2`, ... for the sources. */
export function camerasOf({
  sources,
  count = sources.length,
  ...options
}: CameraListOptions): CameraRequest[] {
  return Array.from({ length: sources.length > 0 ? count : 0 }, (_none, index) => ({
    ...options,
    cameraId: `camera-${index + 1}`,
    source: sources[index % sources.length] as Source,
  }));
}
