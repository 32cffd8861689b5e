/** What `GET /frames/:id` answers, as far as it is printed. */
export interface Story {
  readonly frame_id: string;
  readonly now: string;
  readonly partial: boolean;
  readonly events: readonly { readonly at: string; readonly sentence: string }[];
  readonly explanations: readonly {
    readonly capability: string | null;
    readonly strategy: string;
    readonly sentence: string;
    readonly candidates: readonly {
      readonly processor_id: string;
      readonly outstanding: number;
      readonly capacity: number;
      readonly score: number;
      readonly excluded: string | null;
    }[];
  }[];
}

/** A frame's story as a person reads it. */
export function storyText({ frame_id, now, partial, events, explanations }: Story): string {
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
    ...explanations.flatMap(explained),
  ].join('\n');
}

function explained({ capability, strategy, sentence, candidates }: Story['explanations'][number]): string[] {
  const width = Math.max(0, ...candidates.map(({ processor_id }) => processor_id.length));
  const rows = candidates.map(({ processor_id, outstanding, capacity, score, excluded }) => {
    const load = `${outstanding} of ${capacity}`.padStart(11);
    const verdict = excluded === null ? 'could be chosen' : `excluded: ${excluded}`;
    return `  ${processor_id.padEnd(width)}  ${load}  score ${score.toFixed(3)}  ${verdict}`;
  });
  const none = candidates.length === 0 ? ['  (no processor is registered)'] : [];
  return ['', `${capability ?? 'any processor'}: ${sentence}; strategy ${strategy}`, ...rows, ...none];
}
