import type { FrameStory } from '@frame-buffer/models';
import { storyText } from './story.ts';

const STORY: FrameStory = {
  frame_id: 'f1',
  now: 'read by orchestrator o1, and waiting for a processor with credit',
  partial: false,
  path: [],
  events: [
    { at: '2026-01-01T00:00:00.000Z', kind: 'published', sentence: 'published by camera c1' },
    {
      at: '2026-01-01T00:00:01.250Z',
      kind: 'attempt_failed',
      sentence: 'attempt 1 failed at p1: no memory',
    },
  ],
  explanations: [
    {
      at: '2026-01-01T00:00:00.010Z',
      kind: 'handed_off',
      capability: 'detect',
      attempt: 1,
      processor_id: 'p1',
      waited_ms: 10,
      strategy: 'least_loaded',
      sentence: 'handed to p1 for detect',
      candidates: [
        { processor_id: 'p1', outstanding: 0, capacity: 4, score: 0, excluded: null },
        { processor_id: 'p2', outstanding: 1, capacity: 4, score: 0.25, excluded: null },
        { processor_id: 'gone', outstanding: 2, capacity: 2, score: 1, excluded: 'draining' },
        { processor_id: 'other', outstanding: 0, capacity: 2, score: 0, excluded: 'capability' },
      ],
    },
    {
      at: '2026-01-01T00:00:02.000Z',
      kind: 'waits',
      capability: 'detect',
      attempt: 2,
      processor_id: null,
      waited_ms: null,
      strategy: 'least_loaded',
      sentence: 'it waits: every processor for it is at its capacity',
      candidates: [
        { processor_id: 'p1', outstanding: 4, capacity: 4, score: 1, excluded: 'no credit' },
        { processor_id: 'p10', outstanding: 0, capacity: 4, score: 0, excluded: null },
      ],
    },
  ],
};

it('prints what happened, with times since the first, who could have got it, and why it waits', () => {
  expect(storyText(STORY)).toBe(
    [
      'frame f1',
      'now: read by orchestrator o1, and waiting for a processor with credit',
      '',
      '  2026-01-01T00:00:00.000Z    +0.000 s  published by camera c1',
      '  2026-01-01T00:00:01.250Z    +1.250 s  attempt 1 failed at p1: no memory',
      '',
      'detect: handed to p1 for detect; strategy least_loaded',
      '  p1         0 of 4  score 0.000  chosen',
      '  p2         1 of 4  score 0.250  could be chosen',
      '  gone       2 of 2  score 1.000  excluded: draining',
      '  (without the capability: 1)',
      '',
      'detect: it waits: every processor for it is at its capacity; strategy least_loaded',
      '  p1        4 of 4  score 1.000  excluded: no credit',
      '  p10       0 of 4  score 0.000  could be chosen',
    ].join('\n'),
  );
});

it('says of a decision that is forgotten what is left of it', () => {
  const [explanation] = STORY.explanations;
  const sentence = 'handed to p1; o2 decided it';
  const forgotten = explanation && { ...explanation, strategy: null, candidates: null, sentence };
  const text = storyText({ ...STORY, explanations: forgotten ? [forgotten] : [] });
  expect(text.split('\n').at(-1)).toBe('detect: handed to p1; o2 decided it');
});

it('says that something may be missing, and that there is nobody', () => {
  const [explanation] = STORY.explanations;
  const text = storyText({
    ...STORY,
    partial: true,
    explanations: explanation ? [{ ...explanation, candidates: [] }] : [],
  });
  expect(text).toContain('something older may be missing');
  expect(text).toContain('no processor is registered');
});
