import type { FlatRecord } from '@frame-buffer/models';

/** What frames ask for, and every chaos processor can do. */
export const CAPABILITIES: readonly string[] = ['look', 'look_twice'];

/** Every so many frames one asks for both capabilities, and needs two results. */
const FAN_OUT_EVERY = 10;
const CAMERAS = 16;

/** What a frame needs to be done: a result for each of these. */
export function capabilitiesOf(number: number): readonly string[] {
  return number % FAN_OUT_EVERY === 0 ? CAPABILITIES : CAPABILITIES.slice(0, 1);
}

export const frameIdOf = (number: number): string => `frame-${number}`;

export function frameRecord(number: number, nowMs: number): FlatRecord {
  return {
    frame_id: frameIdOf(number),
    camera_id: `camera-${number % CAMERAS}`,
    timestamp: new Date(nowMs).toISOString(),
    priority: String(number % 3 === 0 ? 5 : 0),
    metadata: JSON.stringify({ capabilities: capabilitiesOf(number) }),
  };
}
