import type { ExplainedCandidate, Exclusion } from './decision.ts';
import { isPanicking, mayServe } from './pool.ts';
import { type Candidate, hasCredit, type RouteRequest, violatedConstraint } from './processor.ts';
import type { Strategy } from './strategy.ts';

export interface ExplainOptions {
  readonly request: RouteRequest;
  /** Who was decided for; undefined: nobody. */
  readonly chosenId: string | undefined;
  readonly strategy: Pick<Strategy, 'score' | 'best'>;
  readonly panicBelow: number;
}

/** Every candidate with its score and what excludes it: the best first, those excluded last. */
export function explainCandidates(
  candidates: readonly Candidate[],
  { request, chosenId, strategy, panicBelow }: ExplainOptions,
): ExplainedCandidate[] {
  const has = ({ processor }: Candidate): boolean =>
    request.capability === undefined || processor.capabilities.includes(request.capability);
  const panicking = isPanicking(candidates.filter(has), panicBelow);

  function excluded(candidate: Candidate): Exclusion | undefined {
    const { processor, availability } = candidate;
    if (!has(candidate)) return 'capability';
    if (availability !== 'available' && !mayServe(candidate, panicking)) return availability;
    const violated = violatedConstraint(processor, request);
    if (violated) return violated;
    if (!hasCredit(candidate)) return 'no_credit';
    return processor.id === request.avoid && processor.id !== chosenId ? 'avoid' : undefined;
  }

  const sign = strategy.best === 'highest' ? -1 : 1;
  return candidates
    .map((candidate) => ({
      processorId: candidate.processor.id,
      outstanding: candidate.outstanding,
      capacity: candidate.processor.capacity,
      load: candidate.load,
      score: strategy.score?.(candidate, request) ?? candidate.load,
      excluded: excluded(candidate),
    }))
    .sort(
      (a, b) =>
        Number(a.excluded !== undefined) - Number(b.excluded !== undefined) ||
        sign * (a.score - b.score) ||
        (a.processorId < b.processorId ? -1 : 1),
    );
}
