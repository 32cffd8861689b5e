import * as t from 'io-ts';

/** What an orchestrator advises a camera: the value of its field in the hash of advised rates, as JSON. */
export const cameraAdvice = t.type({
  /** null: as many as it likes. */
  frames_per_second: t.union([t.number, t.null]),
  /** Pressure on the worst of the pools that its frames need, 0 (normal) to 3 (critical). */
  level: t.number,
  /** The capability that sets the rate. */
  limited_by: t.union([t.string, t.null]),
  /** ISO 8601. */
  at: t.string,
});
export type CameraAdvice = t.TypeOf<typeof cameraAdvice>;

/** @returns undefined for anything that isn't advice: it may be ignored */
export function decodeCameraAdvice(text: string): CameraAdvice | undefined {
  try {
    const value: unknown = JSON.parse(text);
    if (!cameraAdvice.is(value)) return undefined;
    return value.frames_per_second === null || value.frames_per_second >= 0 ? value : undefined;
  } catch {
    return undefined;
  }
}
