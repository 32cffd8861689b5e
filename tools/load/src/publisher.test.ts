import { fixedRate } from '@frame-buffer/bench';
import { until } from '@frame-buffer/testing';
import { latencyHistogram } from './observation/latency-histogram.ts';
import { createPublisher, type PublisherOptions } from './publisher.ts';

const never = new AbortController().signal;

function publisher(options: Partial<PublisherOptions> & Pick<PublisherOptions, 'send'>) {
  const startMs = performance.now();
  const delays = latencyHistogram();
  const schedule = fixedRate(1_000, 1_000_000);
  return {
    delays,
    startMs,
    ...createPublisher({
      schedule,
      startMs,
      endMs: startMs + 100,
      record: (number) => ({ frame_id: String(number) }),
      delays,
      onRefusal: () => {},
      answersWithinMs: 50,
      ...options,
    }),
  };
}

describe('the publisher', () => {
  it('sends what is due until the time is over, in order', async () => {
    const sent: string[] = [];
    const { run, counts } = publisher({
      send: async ({ frame_id }) => void sent.push(frame_id ?? ''),
    });
    await run(never);
    expect(sent).toEqual(Array.from({ length: 101 }, (_none, i) => String(i)));
    expect(counts()).toEqual({ published: 101, refused: 0, unanswered: 0, unsent: 0, behindMs: 0 });
  });

  it('does not wait for answers, and counts a late answer from the moment the frame was due', async () => {
    const answers: (() => void)[] = [];
    const { run, counts, delays } = publisher({
      send: () => new Promise<void>((resolve) => answers.push(resolve)),
      answersWithinMs: 10_000,
    });
    const running = run(never);
    await until(() => answers.length === 101, { what: 'all frames to be sent' });
    expect(counts().published).toBe(0);
    expect(counts().behindMs).toBeGreaterThan(99);
    for (const answer of answers) answer();
    await running;
    expect(counts()).toMatchObject({ published: 101, behindMs: 0 });
    expect(delays.summary().max).toBeGreaterThan(99);
  });

  it('says what was due and could not be sent', async () => {
    let nowMs = 0;
    const { run, counts } = publisher({
      startMs: 0,
      endMs: 100_000,
      send: () => new Promise(() => {}),
      clock: () => nowMs,
    });
    const ending = new AbortController();
    const running = run(ending.signal);
    nowMs = 60_000;
    await until(() => counts().unsent === 10_001, { what: 'as many as it may have under way' });
    expect(counts().behindMs).toBe(60_000);
    ending.abort();
    await running;
    expect(counts()).toMatchObject({ published: 0, unanswered: 50_000, unsent: 10_001 });
  });

  it('counts and tells what Redis refused', async () => {
    const errors: string[] = [];
    const { run, counts } = publisher({
      send: () => Promise.reject(new Error('OOM')),
      onRefusal: ({ message }) => errors.push(message),
    });
    await run(never);
    expect(counts()).toMatchObject({ published: 0, refused: 101 });
    expect(errors).toHaveLength(101);
  });

  it('ends at the signal, though Redis does not answer', async () => {
    const ending = new AbortController();
    const { run, counts } = publisher({ send: () => new Promise(() => {}), endMs: Infinity });
    const running = run(ending.signal);
    await until(() => counts().behindMs > 0, { what: 'a frame under way' });
    ending.abort();
    await running;
    expect(counts().unanswered).toBeGreaterThan(0);
    expect(counts().unsent).toBe(0);
  });
});
