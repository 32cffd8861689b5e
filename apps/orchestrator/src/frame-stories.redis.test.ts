/** What `GET /frames/:id` tells of a frame, whatever became of it. */
import { keyNames, type FrameStory } from '@frame-buffer/models';
import { TerminalError } from '@frame-buffer/processor-client';
import { frameRecord, until } from '@frame-buffer/testing';
import type { Orchestrator } from './compose.ts';
import { openScene, type Scene } from './test-support/scene.ts';

/** A frame that isn't known is a problem with a detail. */
type Story = FrameStory & { readonly detail?: string };

let scene: Scene;
beforeAll(async () => {
  scene = await openScene();
});
afterEach(() => scene.clear());
afterAll(() => scene.end());

const orchestrate = (env: Record<string, string> = {}): Promise<Orchestrator> =>
  scene.orchestrate({ ORCHESTRATOR_ID: 'o1', ...env });

async function storyOf({ url }: Orchestrator, id: string): Promise<Story & { status: number }> {
  const response = await fetch(`${url}/frames/${id}`);
  return { status: response.status, ...((await response.json()) as Story) };
}

const told = ({ events }: Story): string[] => events.map(({ kind, sentence }) => `${kind}: ${sentence}`);

it('A completed frame: when it came, who got it and why, how long it waited, its result', async () => {
  const orchestrator = await orchestrate();
  await scene.join(orchestrator, 'p1', () => ({ seen: true }));
  await scene.publish(1);
  await scene.completed(1);
  const story = await storyOf(orchestrator, 'f0');
  expect(story.now).toBe('result published by p1 (attempt 1)');
  expect(told(story).slice(-2)).toEqual([
    expect.stringMatching(
      /^handed_off: handed to p1 for detect: it had the lowest load \(least_loaded\); it had 0 outstanding; waited \d+ ms here$/,
    ),
    expect.stringMatching(
      /^result: result of detect published by p1 after \d+ ms of processing \(attempt 1\)$/,
    ),
  ]);
  expect(['published', 'captured']).toContain(story.events[0]?.kind);
});

it('A completed frame: every candidate as it stood at the decision, its score, and what excluded it', async () => {
  const orchestrator = await orchestrate();
  const goesOn = Promise.withResolvers<void>();
  await scene.join(orchestrator, 'full', () => goesOn.promise, { capacity: 1 });
  await scene.publish(1, () => ({ frame_id: 'before' }));
  await until(async () => (await scene.books())?.outstanding === 1, { what: 'one to be full' });
  await scene.join(orchestrator, 'drained', () => ({}), { capacity: 3 });
  await scene.join(orchestrator, 'other', () => ({}), { capabilities: ['other'] });
  await fetch(`${orchestrator.url}/processors/drained/drain`, { method: 'POST' });
  await scene.join(orchestrator, 'free', () => ({}), { capacity: 4 });
  await scene.publish(1);
  await scene.completed(1);
  goesOn.resolve();
  await scene.completed(2);
  // What has changed since changes nothing of what was decided.
  await fetch(`${orchestrator.url}/processors/drained/restore`, { method: 'POST' });
  const { explanations } = await storyOf(orchestrator, 'f0');
  expect(explanations).toEqual([
    {
      at: expect.any(String),
      kind: 'handed_off',
      capability: 'detect',
      attempt: 1,
      processor_id: 'free',
      waited_ms: expect.any(Number),
      strategy: 'least_loaded',
      sentence: expect.stringMatching(/^handed to free for detect: it had the lowest load/),
      candidates: [
        { processor_id: 'free', outstanding: 0, capacity: 4, score: 0, excluded: null },
        { processor_id: 'drained', outstanding: 0, capacity: 3, score: 0, excluded: 'draining' },
        { processor_id: 'other', outstanding: 0, capacity: 2, score: 0, excluded: 'capability' },
        {
          processor_id: 'full',
          outstanding: 1,
          capacity: 1,
          score: expect.any(Number),
          excluded: 'no credit',
        },
      ],
    },
  ]);
});

it('A frame that was tried again: the processor that failed it was avoided, and the candidates of each attempt', async () => {
  const orchestrator = await orchestrate();
  for (const id of ['p1', 'p2'])
    await scene.join(orchestrator, id, ({ attempt }) => {
      if (attempt === 1) throw new Error('out of memory');
      return {};
    });
  await scene.publish(1);
  await scene.completed(1);
  const { explanations } = await storyOf(orchestrator, 'f0');
  const failedBy = explanations[0]?.processor_id;
  const told = explanations.map(({ attempt, processor_id, candidates }) => [
    attempt,
    processor_id,
    Object.fromEntries((candidates ?? []).map((one) => [one.processor_id, one.excluded])),
  ]);
  const other = failedBy === 'p1' ? 'p2' : 'p1';
  expect(told).toEqual([
    [1, failedBy, { p1: null, p2: null }],
    [2, other, { [other]: null, [`${failedBy}`]: 'avoided: it failed this frame last' }],
  ]);
});

it('A frame whose decision has left the log, or was another orchestrator’s: says so, and who had it', async () => {
  const first = await orchestrate();
  await scene.join(first, 'p1', () => ({}));
  await scene.publish(1);
  await scene.completed(1);
  const second = await orchestrate({ ORCHESTRATOR_ID: 'o2' });
  const elsewhere = (await storyOf(second, 'f0')).explanations;
  expect(elsewhere).toMatchObject([{ processor_id: 'p1', attempt: 1, candidates: null }]);
  expect(elsewhere[0]?.sentence).toMatch(
    /^handed to p1 for detect; .*the log of o2, which keeps the last 32768/,
  );
  const goesOn = Promise.withResolvers<void>();
  await scene.join(first, 'p2', () => goesOn.promise);
  const sent = { attempt: '1', capability: 'detect', dispatched_by: 'o7' };
  const entry = { ...frameRecord({ frame_id: 'f9' }), ...sent };
  await scene.redis.xadd(keyNames().ready('p2'), '*', ...Object.entries(entry).flat());
  const [queued] = (await storyOf(first, 'f9')).explanations;
  expect(queued).toMatchObject({ processor_id: 'p2', candidates: null, strategy: null });
  expect(queued?.sentence).toMatch(/^handed to p2 for detect; orchestrator o7 decided it, and only that one/);
  goesOn.resolve();
});

it('A frame that was tried again: each attempt, the error of the one that failed, and the result', async () => {
  const orchestrator = await orchestrate();
  await scene.join(orchestrator, 'p1', ({ attempt }) => {
    if (attempt === 1) throw new Error('out of memory');
    return {};
  });
  await scene.publish(1);
  await scene.completed(1);
  const story = await storyOf(orchestrator, 'f0');
  expect(story.now).toBe('result published by p1 (attempt 2)');
  expect(story.events.map(({ kind }) => kind).slice(1)).toEqual([
    'handed_off',
    'attempt_failed',
    'handed_off',
    'result',
  ]);
  expect(told(story)).toContain('attempt_failed: attempt 1 failed at p1: out of memory');
});

it('A dead letter: every attempt, where it failed and why, and the reason of its end', async () => {
  const orchestrator = await orchestrate();
  await scene.join(orchestrator, 'p1', ({ attempt }) => {
    throw new Error(`failure ${attempt}`);
  });
  await scene.publish(1);
  await until(async () => (await scene.books())?.deadLettered === 1, { what: 'the dead letter' });
  const story = await storyOf(orchestrator, 'f0');
  expect(told(story).filter((event) => event.startsWith('attempt_failed'))).toEqual([
    'attempt_failed: attempt 1 failed at p1: failure 1',
    'attempt_failed: attempt 2 failed at p1: failure 2',
    'attempt_failed: attempt 3 failed at p1: failure 3',
  ]);
  expect(story.events.filter(({ kind }) => kind === 'handed_off')).toHaveLength(3);
  expect(story.explanations).toMatchObject(
    [1, 2, 3].map((attempt) => ({
      attempt,
      processor_id: 'p1',
      // The only one: it can't be avoided.
      candidates: [{ processor_id: 'p1', capacity: 2, excluded: null }],
    })),
  );
  expect(told(story).at(-1)).toBe(
    'dead_letter: dead letter: attempts_used_up: 3 attempts failed, the last: failure 3',
  );
});

it('A frame that no attempt can help: why', async () => {
  const orchestrator = await orchestrate();
  await scene.join(orchestrator, 'p1', () => {
    throw new TerminalError('no picture');
  });
  await scene.publish(1);
  await until(async () => (await scene.books())?.deadLettered === 1, { what: 'the dead letter' });
  expect((await storyOf(orchestrator, 'f0')).now).toBe('dead letter: terminal_error: no picture');
});

it('A frame that was shed: the reason', async () => {
  const orchestrator = await orchestrate({
    SHEDDING_POLICY: 'drop_oldest',
    MAX_WAITING_FRAMES: '4',
    WAITING_PER_CAPABILITY: '2',
  });
  await scene.join(orchestrator, 'away', () => ({}));
  await fetch(`${orchestrator.url}/processors/away/drain`, { method: 'POST' });
  await scene.publish(5);
  await until(async () => (await scene.books())?.shed === 3, { what: 'three to be shed' });
  const story = await storyOf(orchestrator, 'f0');
  expect(story.now).toBe('shed: room_full');
  expect(told(story).at(-1)).toBe('shed: shed: room_full: there was no place left to wait');
  expect(story.explanations).toMatchObject([
    {
      kind: 'shed',
      capability: 'detect',
      processor_id: null,
      sentence: expect.stringMatching(
        /^shed \(room_full\); 0 of 1 processors for it could be chosen; waited/,
      ),
      candidates: [{ processor_id: 'away', outstanding: 0, excluded: 'draining' }],
    },
  ]);
});

it('A frame that waits: every candidate with its load and score, and what excludes it', async () => {
  const orchestrator = await orchestrate();
  const goesOn = Promise.withResolvers<void>();
  await scene.join(orchestrator, 'full', () => goesOn.promise, { capacity: 1 });
  await scene.join(orchestrator, 'drained', () => ({}), { capacity: 3 });
  await scene.join(orchestrator, 'other', () => ({}), { capabilities: ['other'] });
  await fetch(`${orchestrator.url}/processors/drained/drain`, { method: 'POST' });
  await scene.publish(2);
  await until(async () => (await scene.books())?.pendingInput === 1, { what: 'one to wait' });
  const waiting = await until(
    async () => {
      for (const id of ['f0', 'f1']) {
        const story = await storyOf(orchestrator, id);
        if (story.explanations.some(({ kind }) => kind === 'waits')) return story;
      }
      return undefined;
    },
    { what: 'the story of the one that waits' },
  );
  expect(waiting.now).toBe('read by orchestrator o1, and waiting for a processor with credit');
  const [explanation] = waiting.explanations;
  expect(explanation).toMatchObject({ capability: 'detect', strategy: 'least_loaded' });
  expect(explanation?.kind).toBe('waits');
  expect(explanation?.sentence).toMatch(/^it waits: every processor for it is at its capacity$/);
  const candidates = explanation?.candidates?.toSorted((a, b) =>
    a.processor_id.localeCompare(b.processor_id),
  );
  expect(candidates).toEqual([
    { processor_id: 'drained', outstanding: 0, capacity: 3, score: expect.any(Number), excluded: 'draining' },
    { processor_id: 'full', outstanding: 1, capacity: 1, score: expect.any(Number), excluded: 'no credit' },
    { processor_id: 'other', outstanding: 0, capacity: 2, score: expect.any(Number), excluded: 'capability' },
  ]);
  goesOn.resolve();
});

it('A frame that nobody knows: 404, and a sentence', async () => {
  const story = await storyOf(await orchestrate(), 'nobody');
  expect([story.status, story.detail]).toEqual([
    404,
    'No stream has a trace of a frame nobody: it was never published here, or it is done and was trimmed.',
  ]);
});
