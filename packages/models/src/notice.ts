import * as t from 'io-ts';
import { processorId } from './registration.ts';

/** Hints on the events channel: they save polling, and losing one costs delay, never a frame. */
export const notice = t.union([
  /** A full queue got room. */
  t.type({ type: t.literal('credit'), processor_id: processorId, outstanding: t.number }),
  /** A processor came, changed or left. */
  t.type({ type: t.literal('registry'), processor_id: processorId, change: t.string }),
  /** A processor failed a frame; the counts are all that it finished and failed since it came. */
  t.type({
    type: t.literal('outcome'),
    processor_id: processorId,
    completed: t.number,
    failed: t.number,
    outstanding: t.number,
  }),
  /** The pressure level changed. */
  t.type({ type: t.literal('level'), level: t.number }),
  /** What cameras are advised has changed. */
  t.type({ type: t.literal('advice') }),
]);
export type Notice = t.TypeOf<typeof notice>;

export function encodeNotice(value: Notice): string {
  return JSON.stringify(value);
}

/** @returns undefined for anything that isn't a notice: the channel is open to all, and a hint may be ignored */
export function decodeNotice(message: string): Notice | undefined {
  try {
    const value: unknown = JSON.parse(message);
    return notice.is(value) ? value : undefined;
  } catch {
    return undefined;
  }
}
