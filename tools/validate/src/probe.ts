import { randomBytes } from 'node:crypto';
import type { FlatRecord, KeyNames } from '@frame-buffer/models';

/** The names of one validation: nothing else in the deployment has them, so its frames go to its own processors only. */
export interface Probe {
  readonly run: string;
  readonly cameraId: string;
  /** The stream that its processors publish to: whoever reads the results doesn't see them. */
  readonly results: string;
  /** A capability that only processors of this probe have, one for each task. */
  capability(task: string): string;
  processorId(role: string): string;
  frameId(task: string, number: number): string;
  /** A record to publish. */
  record(task: string, number: number, overrides?: FlatRecord): FlatRecord;
}

export function createProbe(keys: KeyNames, run = randomBytes(4).toString('hex')): Probe {
  const capability = (task: string): string => `validate_${task}_${run}`;
  const frameId = (task: string, number: number): string => `validate-${run}-${task}-${number}`;
  const cameraId = `validate-${run}`;
  return {
    run,
    cameraId,
    results: `${keys.results}:validate-${run}`,
    capability,
    processorId: (role) => `validate-${run}-${role}`,
    frameId,
    record: (task, number, overrides = {}) => ({
      frame_id: frameId(task, number),
      camera_id: cameraId,
      timestamp: new Date().toISOString(),
      width: '640',
      height: '360',
      format: 'none',
      detection_type: capability(task),
      traceparent: traceparent(),
      validate_run: run,
      ...overrides,
    }),
  };
}

/** A trace of its own, not sampled: it travels all the way without filling anyone's trace store. */
const traceparent = (): string =>
  `00-${randomBytes(16).toString('hex')}-${randomBytes(8).toString('hex')}-00`;
