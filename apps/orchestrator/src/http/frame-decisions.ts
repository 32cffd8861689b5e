import { decodeFrame, type StoryCandidate, type StoryDecision } from '@frame-buffer/models';
import type { ExplainedCandidate, Router } from '@frame-buffer/router';
import type { FoundEntry } from '@frame-buffer/stream-consumer';
import { needsOf } from '../judgement.ts';
import type { DecisionLog, LoggedDecision } from '../page/decision-log.ts';
import { whyNotAll } from './all-or-none.ts';
import { decisionSentence, exclusionText, handedTo, WHY_NOBODY } from './decision-sentence.ts';
import { isSame, type TracedHandOff, tracedHandOffs } from './frame-traces.ts';

export interface FrameDecisionsOptions {
  readonly router: Pick<Router, 'explain' | 'recall' | 'strategy'>;
  readonly decisions: Pick<DecisionLog, 'kept'>;
  readonly orchestratorId: string;
  readonly defaultCapability: string | undefined;
}

/**
 * Every decision of a frame, by attempt: those that are remembered here with the candidates as they stood then, those that only its traces
 * tell of, and for a copy that waits what would be decided now.
 */
export function frameDecisions(
  remembered: readonly LoggedDecision[],
  entries: readonly FoundEntry[],
  options: FrameDecisionsOptions,
): StoryDecision[] {
  const isRemembered = (handOff: TracedHandOff): boolean =>
    remembered.some(
      ({ processorId, attempt, asked: { capability } }) =>
        processorId !== undefined && isSame(handOff, { processorId, attempt, capability }),
    );
  return [
    ...remembered.map((decision) => recalled(decision, options)),
    ...tracedHandOffs(entries)
      .filter((handOff) => !isRemembered(handOff))
      .map((handOff) => forgotten(handOff, options)),
    ...entries.filter(waits).flatMap((entry) => asOfNow(entry, options)),
  ].toSorted((a, b) => a.attempt - b.attempt || (a.at ?? '').localeCompare(b.at ?? ''));
}

function recalled(decision: LoggedDecision, { router }: FrameDecisionsOptions): StoryDecision {
  const { processorId, asked, reason, attempt, moment, atMs, waitedMs } = decision;
  const then = router.recall(moment, asked, processorId);
  const told = processorId === undefined ? shedSentence(reason, waitedMs, then) : decisionSentence(decision);
  return {
    at: new Date(atMs).toISOString(),
    kind: processorId === undefined ? 'shed' : 'handed_off',
    capability: asked.capability ?? null,
    attempt,
    processor_id: processorId ?? null,
    waited_ms: Math.round(waitedMs),
    strategy: router.strategy,
    sentence: then
      ? told
      : `${told}; how the candidates stood is no longer known: too much has changed since`,
    candidates: then ? then.map(storyCandidate) : null,
  };
}

function shedSentence(
  reason: string,
  waitedMs: number,
  then: readonly ExplainedCandidate[] | undefined,
): string {
  const having = then?.filter(({ excluded }) => excluded !== 'capability');
  const open = having?.filter(({ excluded }) => excluded === undefined);
  const choice = having ? `; ${open?.length} of ${having.length} processors for it could be chosen` : '';
  return `shed (${reason})${choice}; waited ${Math.round(waitedMs)} ms here`;
}

function forgotten(
  { processorId, capability, attempt, at, dispatchedBy }: TracedHandOff,
  { decisions, orchestratorId }: FrameDecisionsOptions,
): StoryDecision {
  const byAnother = dispatchedBy !== undefined && dispatchedBy !== orchestratorId;
  const why = byAnother
    ? `orchestrator ${dispatchedBy} decided it, and only that one may know why, and who else could have got it`
    : `this decision is not in the log of ${orchestratorId}, which keeps the last ${decisions.kept} that it made since it started`;
  return {
    at: at ?? null,
    kind: 'handed_off',
    capability: capability ?? null,
    attempt,
    processor_id: processorId,
    waited_ms: null,
    strategy: null,
    sentence: `${handedTo(processorId, capability, attempt)}; ${why}`,
    candidates: null,
  };
}

/** Read or not, it is not handed off yet. */
const waits = ({ where, state }: FoundEntry): boolean =>
  where === 'retry' || (where === 'input' && state !== 'settled');

/** Why it would go where, or why it can't go anywhere now. */
function asOfNow(
  { where, fields }: FoundEntry,
  { router, defaultCapability }: FrameDecisionsOptions,
): StoryDecision[] {
  const decoded = decodeFrame(fields, { defaultCapability, isNew: where === 'input' });
  if (!decoded.ok) return [];
  const { cameraId, format, width, height, attempt } = decoded.value;
  const { wanted, avoid } = needsOf(decoded.value, where === 'retry' ? fields : undefined);
  const explained = wanted.map((capability) =>
    router.explain({ capability, cameraId, format, width, height, avoid }),
  );
  const notAll = whyNotAll(explained);
  return explained.map(({ capability, decision, candidates }) => {
    const processorId = notAll === undefined ? decision.processorId : undefined;
    return {
      at: new Date().toISOString(),
      kind: 'waits',
      capability: capability ?? null,
      attempt,
      processor_id: processorId ?? null,
      waited_ms: null,
      strategy: router.strategy,
      sentence:
        decision.processorId === undefined
          ? `it waits: ${WHY_NOBODY[decision.why]}`
          : notAll === undefined
            ? `it would go to ${decision.processorId} now (${decision.reason})`
            : `it waits: ${notAll}`,
      candidates: candidates.map(storyCandidate),
    };
  });
}

const storyCandidate = ({
  processorId,
  outstanding,
  capacity,
  score,
  excluded,
}: ExplainedCandidate): StoryCandidate => ({
  processor_id: processorId,
  outstanding,
  capacity,
  score,
  excluded: excluded === undefined ? null : exclusionText(excluded),
});
