import { type Story, storyText } from './story.ts';

const STORY: Story = {
  frame_id: 'f1',
  now: 'read by orchestrator o1, and waiting for a processor with credit',
  partial: false,
  events: [
    { at: '2026-01-01T00:00:00.000Z', sentence: 'published by camera c1' },
    { at: '2026-01-01T00:00:01.250Z', sentence: 'attempt 1 failed at p1: no memory' },
  ],
  explanations: [
    {
      capability: 'detect',
      strategy: 'least_loaded',
      sentence: 'it waits: every processor for it is at its capacity',
      candidates: [
        { processor_id: 'p1', outstanding: 4, capacity: 4, score: 1, excluded: 'no credit' },
        { processor_id: 'p10', outstanding: 0, capacity: 4, score: 0, excluded: null },
      ],
    },
  ],
};

it('prints what happened, with times since the first, and why it waits', () => {
  expect(storyText(STORY)).toBe(
    [
      'frame f1',
      'now: read by orchestrator o1, and waiting for a processor with credit',
      '',
      '  2026-01-01T00:00:00.000Z    +0.000 s  published by camera c1',
      '  2026-01-01T00:00:01.250Z    +1.250 s  attempt 1 failed at p1: no memory',
      '',
      'detect: it waits: every processor for it is at its capacity; strategy least_loaded',
      '  p1        4 of 4  score 1.000  excluded: no credit',
      '  p10       0 of 4  score 0.000  could be chosen',
    ].join('\n'),
  );
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
