import type { FrameStory, StoryCandidate, StoryDecision } from '@frame-buffer/models';

/** Who lacks the capability is counted only: of a large system most do. */
const OUT_OF_QUESTION = 'capability';

/** A frame's story as a person reads it. */
export function storyText({ frame_id, now, partial, events, explanations }: FrameStory): string {
  const startMs = Date.parse(events[0]?.at ?? '');
  const path = events.map(({ at, sentence }) => {
    const since = `+${((Date.parse(at) - startMs) / 1000).toFixed(3)} s`;
    return `  ${at}  ${since.padStart(10)}  ${sentence}`;
  });
  const missing = partial
    ? ['  (a stream was too long to be searched whole: something older may be missing)']
    : [];
  return [
    `frame ${frame_id}`,
    `now: ${now}`,
    '',
    ...path,
    ...missing,
    ...explanations.flatMap(decisionLines),
  ].join('\n');
}

function decisionLines({
  capability,
  strategy,
  sentence,
  processor_id,
  candidates,
}: StoryDecision): string[] {
  const by = strategy === null ? '' : `; strategy ${strategy}`;
  const head = ['', `${capability ?? 'any processor'}: ${sentence}${by}`];
  if (candidates === null) return head;
  if (candidates.length === 0) return [...head, '  (no processor is registered)'];
  const [others, having] = [true, false].map((out) =>
    candidates.filter(({ excluded }) => (excluded === OUT_OF_QUESTION) === out),
  ) as [StoryCandidate[], StoryCandidate[]];
  const width = Math.max(0, ...having.map((candidate) => candidate.processor_id.length));
  const rows = having.map((candidate) => {
    const { outstanding, capacity, score, excluded } = candidate;
    const load = `${outstanding} of ${capacity}`.padStart(11);
    const chosen = candidate.processor_id === processor_id ? 'chosen' : 'could be chosen';
    const verdict = excluded === null ? chosen : `excluded: ${excluded}`;
    return `  ${candidate.processor_id.padEnd(width)}  ${load}  score ${score.toFixed(3)}  ${verdict}`;
  });
  const rest = others.length > 0 ? [`  (without the capability: ${others.length})`] : [];
  return [...head, ...rows, ...rest];
}
