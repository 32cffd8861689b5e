import fc from 'fast-check';
import { keyNames } from './key-names.ts';
import {
  completeRegistration,
  decodeHeartbeat,
  decodeRegistration,
  registration,
  type RegistrationRequest,
} from './registration.ts';

const keys = keyNames();
const least = { id: 'motion-1', capabilities: ['motion_detection'], capacity: 8 };

function faultsOf(input: unknown): [field: string, value: string][] {
  const decoded = decodeRegistration(input, keys);
  return decoded.ok ? [] : decoded.faults.map(({ field, value }) => [field, value]);
}

describe('decodeRegistration', () => {
  it("takes an older client's four fields", () => {
    const input = { ...least, queue: 'frames:ready:motion-1' };
    expect(decodeRegistration(input, keys)).toEqual({ ok: true, value: input });
  });

  it('takes every field', () => {
    const input = {
      ...least,
      queue: 'my-queue',
      group: 'my-group',
      results: 'my-results',
      instance_id: 'run-1',
      takeover: true,
      completion: 'delete',
      lease_ms: 5000,
      health_endpoint: 'http://127.0.0.1:9001/health',
      weight: 2,
      formats: ['jpeg'],
      min_width: 0,
      max_width: 1920,
      min_height: 0,
      max_height: 1080,
      cameras: ['door'],
      metadata: { gpu: true },
    };
    expect(decodeRegistration(input, keys)).toEqual({ ok: true, value: input });
  });

  it('takes null for nothing', () => {
    const decoded = decodeRegistration({ ...least, queue: null, lease_ms: null, metadata: null }, keys);
    expect(decoded).toEqual({ ok: true, value: least });
  });

  it('says all that is wrong at once, each with its path', () => {
    const faults = faultsOf({
      id: 'a b',
      capabilities: ['ok', '', 7],
      capacity: 0,
      lease_ms: 10,
      health_endpoint: 'ftp://x',
      formats: ['jpeg', 5],
      takeover: 'yes',
    });
    expect(Object.fromEntries(faults)).toEqual({
      id: '"a b"',
      'capabilities[1]': '""',
      'capabilities[2]': '7',
      capacity: '0',
      lease_ms: '10',
      health_endpoint: '"ftp://x"',
      'formats[1]': '5',
      takeover: '"yes"',
    });
  });

  it('names each field that is missing', () => {
    expect(faultsOf({})).toEqual([
      ['id', 'nothing'],
      ['capabilities', 'nothing'],
      ['capacity', 'nothing'],
    ]);
  });

  it('takes a null for missing where the field is needed', () => {
    expect(faultsOf({ ...least, id: null })).toEqual([['id', 'nothing']]);
  });

  it.each(['text', 7, [1]])('says in words what metadata must be, which %p is not', (metadata) => {
    const decoded = decodeRegistration({ ...least, metadata }, keys);
    expect(decoded.ok ? [] : decoded.faults).toMatchObject([{ field: 'metadata', expected: 'an object' }]);
  });

  it.each([undefined, null, 'text', 7, [], true])('refuses %p as a whole', (input) => {
    expect(faultsOf(input).length).toBeGreaterThan(0);
  });

  it.each([
    ['capacity', 1.5],
    ['capacity', '8'],
    ['capacity', 100_001],
    ['weight', 0],
    ['lease_ms', 3_600_001],
    ['completion', 'maybe'],
    ['group', 'a b'],
    ['queue', ''],
    ['min_width', -1],
    ['instance_id', ''],
    ['metadata', 'text'],
  ])('refuses %s %p', (field, value) => {
    expect(faultsOf({ ...least, [field]: value })).toEqual([[field, JSON.stringify(value)]]);
  });

  it.each([
    keys.input,
    keys.retry,
    keys.deadLetter,
    keys.shed,
    keys.ledger,
    keys.registry,
    keys.events,
    keys.results,
    keys.cutover,
    keys.advisedRates,
    keys.advisor,
    keys.health('later'),
    keys.orchestrator('o1'),
    `${keys.pixels}f1`,
  ])('refuses %s as a queue: it is a key of the protocol', (queue) => {
    expect(faultsOf({ ...least, queue })).toEqual([['queue', JSON.stringify(queue)]]);
  });

  it('refuses a key of the protocol for results, but not the common stream of results', () => {
    expect(faultsOf({ ...least, results: keys.input })).toEqual([['results', '"frames:metadata"']]);
    expect(faultsOf({ ...least, results: keys.results })).toEqual([]);
    for (const results of [keys.ready('other'), keys.ready(least.id), keys.health('p')])
      expect(faultsOf({ ...least, results })).toEqual([['results', JSON.stringify(results)]]);
  });

  it('refuses results that go to its own queue', () => {
    expect(faultsOf({ ...least, queue: 'q', results: 'q' })).toEqual([['results', '"q"']]);
  });

  it('refuses bounds that no picture keeps', () => {
    expect(faultsOf({ ...least, min_width: 500, max_width: 100, min_height: 2, max_height: 1 })).toEqual([
      ['max_width', '100'],
      ['max_height', '1'],
    ]);
    expect(faultsOf({ ...least, min_width: 100, max_width: 100, min_height: 7 })).toEqual([]);
  });

  it('says both where queue and results are reserved', () => {
    const faults = faultsOf({ ...least, queue: keys.input, results: keys.ledger });
    expect(faults.map(([field]) => field)).toEqual(['queue', 'results']);
  });

  it('never throws', () => {
    const input = fc.oneof(
      fc.anything(),
      fc.record({
        id: fc.anything(),
        capabilities: fc.anything(),
        capacity: fc.anything(),
        queue: fc.anything(),
        metadata: fc.anything(),
      }),
    );
    fc.assert(
      fc.property(input, (value) => {
        expect(() => decodeRegistration(value, keys)).not.toThrow();
      }),
      { seed: 41, numRuns: 500 },
    );
  });
});

describe('completeRegistration', () => {
  const defaults = { keys, instanceId: 'made-up', nowMs: Date.parse('2026-01-31T12:00:00Z') };

  it('adds what an older client does not say', () => {
    expect(completeRegistration(least, defaults)).toEqual({
      ...least,
      queue: 'frames:ready:motion-1',
      group: 'frame-processors',
      results: 'frames:results',
      instance_id: 'made-up',
      completion: 'acknowledge',
      lease_ms: 90_000,
      state: 'active',
      registered_at: '2026-01-31T12:00:00.000Z',
    });
  });

  it('keeps what the client says, but not that it took over', () => {
    const request: RegistrationRequest = {
      ...least,
      capabilities: ['a', 'b', 'a'],
      queue: 'q',
      instance_id: 'run-1',
      completion: 'delete',
      takeover: true,
      cameras: ['door'],
    };
    const complete = completeRegistration(request, defaults);
    expect(complete).toMatchObject({
      capabilities: ['a', 'b'],
      queue: 'q',
      instance_id: 'run-1',
      completion: 'delete',
      cameras: ['door'],
    });
    expect(complete).not.toHaveProperty('takeover');
  });

  it('gives what the registry reads back', () => {
    const stored = JSON.parse(JSON.stringify(completeRegistration(least, defaults))) as unknown;
    expect(registration.decode(stored)).toEqual({ _tag: 'Right', right: stored });
  });
});

describe('decodeHeartbeat', () => {
  it.each<[timestamp: unknown, ms: number]>([
    ['2026-01-31T12:00:00Z', 1_769_860_800_000],
    ['2026-01-31 12:00:00.500000', 1_769_860_800_500],
    [1_769_860_800.5, 1_769_860_800_500],
    ['1769860800.5', 1_769_860_800_500],
  ])("takes an older client's three fields, with the timestamp %p", (timestamp, ms) => {
    expect(decodeHeartbeat({ processor_id: 'p', status: 'healthy', timestamp })).toEqual({
      ok: true,
      value: { processor_id: 'p', status: 'healthy', timestamp: ms },
    });
  });

  it('takes null for nothing, and unknown fields with it', () => {
    expect(decodeHeartbeat({ processor_id: 'p', status: null, queue_size: 3 })).toEqual({
      ok: true,
      value: { processor_id: 'p', queue_size: 3 },
    });
  });

  it('says what is wrong', () => {
    const decoded = decodeHeartbeat({ timestamp: 'soon', active_tasks: -1 });
    expect(decoded.ok ? [] : decoded.faults.map(({ field }) => field)).toEqual([
      'processor_id',
      'timestamp',
      'active_tasks',
    ]);
  });
});
