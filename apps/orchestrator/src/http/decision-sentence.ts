import type { Exclusion, NoneReason } from '@frame-buffer/router';
import type { LoggedDecision } from '../page/decision-log.ts';

const REASONS: Readonly<Record<string, string>> = {
  least_loaded: 'it had the lowest load',
  round_robin: 'it was its turn',
  home: 'it serves this camera',
  overflow: 'the processor of this camera had no room',
  failover: 'the processor of this camera could not be used',
  panic: 'so few processors were available that all were used',
};

/** Why there is nobody for a frame. */
export const WHY_NOBODY: Readonly<Record<NoneReason, string>> = {
  no_processor: 'no processor is registered for it',
  unavailable: 'every processor for it is drained, isolated, behind an open breaker or without a heartbeat',
  no_credit: 'every processor for it is at its capacity',
  constraints: 'no processor for it takes frames of this format, size or camera',
};

/** Of a frame that was handed off. */
export function decisionSentence({
  processorId,
  asked: { capability },
  reason,
  load,
  attempt,
  waitedMs,
}: LoggedDecision): string {
  const why = REASONS[reason] ? `${REASONS[reason]} (${reason})` : reason;
  const given = handedTo(processorId ?? 'nobody', capability, attempt);
  return `${given}: ${why}; it had ${load} outstanding; waited ${Math.round(waitedMs)} ms here`;
}

export function handedTo(processorId: string, capability: string | undefined, attempt: number): string {
  const what = capability === undefined ? '' : ` for ${capability}`;
  const again = attempt > 1 ? `, attempt ${attempt}` : '';
  return `handed to ${processorId}${what}${again}`;
}

export const exclusionText = (excluded: Exclusion): string =>
  excluded === 'avoid' ? 'avoided: it failed this frame last' : excluded.replaceAll('_', ' ');
