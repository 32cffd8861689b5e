/** What becomes of a frame in a processor. */
import { setTimeout as sleep } from 'node:timers/promises';
import { until } from '@frame-buffer/testing';
import { TerminalError } from './frame.ts';
import type { FrameOutcome } from './ports.ts';
import { keptLines } from './test-support/kept-lines.ts';
import { frameIds, keys, TestBed } from './test-support/test-bed.ts';

const bed = TestBed.forThisFile();

describe('frames', () => {
  it('are processed side by side, never more than the concurrency', async () => {
    let now = 0;
    let most = 0;
    const processor = await bed.join(
      async () => {
        most = Math.max(most, ++now);
        await sleep(5);
        now--;
      },
      { concurrency: 4 },
    );
    await bed.dispatch(40);
    expect(await bed.completed(40)).toEqual(frameIds(40));
    expect(most).toBe(4);
    await until(() => processor.active() === 0, { what: 'the last frame to end' });
    expect(await bed.books()).toMatchObject({ captured: 40, completed: 40, outstanding: 0, unaccounted: 0 });
  });

  it('become results with all the standard fields and those of the author', async () => {
    await bed.join((frame) => ({
      label: 'person',
      box: { x: 1, y: [2, 3] },
      score: 0.5,
      found: true,
      nothing: null,
      left_out: undefined,
      zone: frame.metadata?.['zone'],
    }));
    await bed.dispatch(1, { metadata: JSON.stringify({ zone: 'door' }) });
    await bed.completed(1);
    expect(await bed.results()).toEqual([
      {
        label: 'person',
        box: '{"x":1,"y":[2,3]}',
        score: '0.5',
        found: 'true',
        nothing: 'null',
        zone: 'door',
        frame_id: 'f0',
        camera_id: 'camera-1',
        processor_id: 'p1',
        capability: 'detect',
        attempt: '1',
        timestamp: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/),
        processing_time: expect.stringMatching(/^\d+\.\d{6}$/),
        captured_at: '2026-01-31T12:00:00.000Z',
        traceparent: '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01',
      },
    ]);
  });

  it('give their results to the stream that the processor names', async () => {
    await bed.join(() => {}, { resultStream: 'my:results' });
    await bed.dispatch(1);
    await until(async () => (await bed.entries('my:results')).length === 1, { what: 'the result' });
    expect(await bed.results()).toEqual([]);
  });

  it('carry the trace that the trace port gives', async () => {
    const ended: unknown[] = [];
    await bed.join(() => {}, {
      trace: (fields) => ({
        span: { setAttribute: () => {} },
        logFields: { trace_id: 't', span_id: 's' },
        publish: () => `after ${fields['frame_id']}`,
        end: (error) => void ended.push(error),
      }),
    });
    await bed.dispatch(1);
    await bed.completed(1);
    expect((await bed.results())[0]?.['traceparent']).toBe('after f0');
    await until(() => ended.length === 1, { what: 'the trace to end' });
    expect(ended).toEqual([undefined]);
  });

  it('are counted, each once, by what became of it', async () => {
    const outcomes: [FrameOutcome, boolean][] = [];
    await bed.join(
      (frame) => {
        if (frame.frameId === 'f1') throw new Error('no');
      },
      { onFrame: (outcome, durationMs) => void outcomes.push([outcome, durationMs >= 0]) },
    );
    await bed.dispatch(3);
    await until(() => outcomes.length === 3, { what: 'three outcomes' });
    expect(outcomes.toSorted()).toEqual([
      ['completed', true],
      ['completed', true],
      ['failed', true],
    ]);
  });
});

function circular(): unknown {
  const list: unknown[] = [];
  list.push(list);
  return list;
}

describe('a frame that fails', () => {
  it('comes back with one attempt more and the error', async () => {
    await bed.join(() => {
      throw new Error('out of memory');
    });
    await bed.dispatch(1, { 'x-own': 'kept' });
    const [frame] = await bed.returned(1);
    expect(frame).toMatchObject({
      frame_id: 'f0',
      'x-own': 'kept',
      attempt: '2',
      failed_by: 'p1',
      terminal: '0',
    });
    expect(JSON.parse(frame?.['errors'] ?? '')).toEqual([
      { processor_id: 'p1', attempt: 1, error: 'out of memory', at: expect.any(String) },
    ]);
    expect(await bed.results()).toEqual([]);
    expect(await bed.books()).toMatchObject({ captured: 1, waitingRetry: 1, unaccounted: 0 });
  });

  it('is logged once, with its id and attempt', async () => {
    const { logger, lines } = keptLines();
    await bed.join(() => Promise.reject(new Error('no')), { logger });
    await bed.dispatch(1);
    await bed.returned(1);
    expect(lines.filter(({ level }) => level === 'warn')).toEqual([
      expect.objectContaining({
        message: 'a frame failed',
        error: 'no',
        frame_id: 'f0',
        camera_id: 'camera-1',
        attempt: 1,
      }),
    ]);
  });

  it('is marked where another attempt would be useless', async () => {
    await bed.join(() => {
      throw new TerminalError('no such model');
    });
    await bed.dispatch(1);
    expect((await bed.returned(1))[0]).toMatchObject({ attempt: '2', terminal: '1' });
  });

  it('by taking too long has its signal aborted', async () => {
    const reasons: string[] = [];
    await bed.join(
      async (_frame, { signal }) => {
        await sleep(60_000, undefined, { signal }).catch(() => {});
        reasons.push(String(signal.reason));
      },
      { timeoutMs: 50 },
    );
    await bed.dispatch(1);
    const [frame] = await bed.returned(1);
    expect(frame?.['errors']).toContain('not done within 50 ms');
    expect(reasons).toEqual(['Error: not done within 50 ms']);
  });

  it('by taking too long frees its slot, though the function never ends', async () => {
    await bed.join((frame) => (frame.frameId === 'f0' ? new Promise(() => {}) : {}), { timeoutMs: 50 });
    await bed.dispatch(2);
    expect(await bed.completed(1)).toEqual(['f1']);
    expect((await bed.returned(1)).map(({ frame_id }) => frame_id)).toEqual(['f0']);
  });

  it.each([
    ['circular', 'circular structure', circular],
    ['a BigInt', 'BigInt', () => 1n],
  ])('because its result is %s does not hang', async (_name, expected, value) => {
    await bed.join(() => ({ value: value() }));
    await bed.dispatch(1);
    expect((await bed.returned(1))[0]?.['errors']).toContain(expected);
    expect(await bed.books()).toMatchObject({ outstanding: 0, waitingRetry: 1, unaccounted: 0 });
  });

  it('because its result has too many fields does not hang', async () => {
    await bed.join(() => Object.fromEntries(Array.from({ length: 1_001 }, (_none, i) => [`n${i}`, i])));
    await bed.dispatch(1);
    expect((await bed.returned(1))[0]?.['errors']).toContain('the result has 1001 fields');
  });

  it('with an error that is no sentence stays small and well-formed', async () => {
    await bed.join(() => {
      throw new Error(`\ud800${'x'.repeat(100_000)}`);
    });
    await bed.dispatch(1);
    const [frame] = await bed.returned(1);
    expect(frame?.['errors']?.length).toBeLessThan(2_000);
  });

  it('by throwing something that has no text comes back too', async () => {
    await bed.join(() => {
      throw Object.create(null);
    });
    await bed.dispatch(1);
    expect((await bed.returned(1))[0]?.['errors']).toContain('thrown: {}');
  });

  it('because its record is unreadable comes back as terminal', async () => {
    const outcomes: string[] = [];
    await bed.join(() => {}, { onFrame: (outcome) => void outcomes.push(outcome) });
    await bed.dispatch(1, { width: 'broad' });
    const [frame] = await bed.returned(1);
    expect(frame).toMatchObject({ terminal: '1' });
    expect(frame?.['errors']).toContain('unreadable record: width: expected a whole number');
    await until(() => outcomes.length === 1, { what: 'the frame to be counted' });
    expect(outcomes).toEqual(['failed']);
  });
});

describe('a result', () => {
  it('with half a surrogate pair is published, not tried for ever', async () => {
    await bed.join(() => ({ text: 'a\ud800b' }));
    await bed.dispatch(1);
    await bed.completed(1);
    expect((await bed.results())[0]?.['text']).toBe('a\ufffdb');
  });

  it('is refused when the frame was given to another meanwhile, and that is counted and logged', async () => {
    const release = Promise.withResolvers<void>();
    const outcomes: string[] = [];
    const { logger, lines } = keptLines();
    const processor = await bed.join(() => release.promise, {
      logger,
      leaseMs: 60_000,
      onFrame: (outcome) => void outcomes.push(outcome),
    });
    await bed.dispatch(1);
    await until(() => processor.active() === 1, { what: 'the frame to be in process' });
    await bed.orchestrator.declareDead('p1');
    release.resolve();
    await until(() => outcomes.length === 1, { what: 'the frame to end' });
    expect(outcomes).toEqual(['fenced']);
    expect(await bed.results()).toEqual([]);
    expect(await bed.redis.hget(keys.ledger, 'fenced')).toBe('1');
    expect(lines).toContainEqual(
      expect.objectContaining({
        level: 'warn',
        message: 'result refused: the frame had been taken back meanwhile',
        frame_id: 'f0',
      }),
    );
  });

  it('is published once Redis takes it, when it does not at first', async () => {
    const { logger, lines } = keptLines();
    await bed.redis.set(keys.results, 'in the way');
    await bed.join(() => {}, { logger });
    await bed.dispatch(1);
    await until(() => lines.some(({ message }) => message.includes('WRONGTYPE')), {
      what: 'a line about it',
    });
    await bed.redis.del(keys.results);
    expect(await bed.completed(1)).toEqual(['f0']);
    expect(await bed.books()).toMatchObject({ completed: 1, unaccounted: 0 });
  });
});
