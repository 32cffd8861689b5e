import type { FlatRecord } from '@frame-buffer/models';
import { picker, type Shares } from './shares.ts';

/** What is published: for each number, from 0, one frame. None bears a trace: the load records no span, so they begin at the orchestrator. */
export interface FramePlan {
  record(number: number, dueAtMs: number): FlatRecord;
  /** undefined for a frame of somebody else. */
  numberOf(frameId: string): number | undefined;
  capabilitiesOf(number: number): readonly string[];
  priorityOf(number: number): string;
}

export interface FramePlanOptions {
  readonly cameras: number;
  /** Capabilities, several joined by `+`. */
  readonly mix: Shares;
  readonly priorities: Shares;
  /** Tells the frames of this run from others in the same streams. */
  readonly run: string;
  /** Added to every record, so that whoever keeps records shows it by its memory. */
  readonly paddingBytes: number;
}

const GOLDEN_RATIO = (Math.sqrt(5) - 1) / 2;
const SILVER_RATIO = Math.SQRT2 - 1;

export function createFramePlan(options: FramePlanOptions): FramePlan {
  const { cameras, mix, priorities, run, paddingBytes } = options;
  const padding: FlatRecord = paddingBytes > 0 ? { padding: 'x'.repeat(paddingBytes) } : {};
  const prefix = `load-${run}-`;
  const capabilities = picker(mix, GOLDEN_RATIO);
  const priority = picker(priorities, SILVER_RATIO);
  return {
    record: (number, dueAtMs) => ({
      frame_id: prefix + number,
      camera_id: `load-camera-${(number % cameras) + 1}`,
      timestamp: new Date(dueAtMs).toISOString(),
      size_bytes: '48211',
      width: '1280',
      height: '720',
      format: 'jpeg',
      priority: priority(number),
      metadata: JSON.stringify({ capabilities: capabilities(number).split('+') }),
      ...padding,
    }),
    numberOf(frameId) {
      if (!frameId.startsWith(prefix)) return undefined;
      const number = Number(frameId.slice(prefix.length));
      return Number.isInteger(number) ? number : undefined;
    },
    capabilitiesOf: (number) => capabilities(number).split('+'),
    priorityOf: priority,
  };
}
