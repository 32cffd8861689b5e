import fc from 'fast-check';
import { decodeFrame, type FlatRecord, frameRecord } from './frame.ts';

const record = (fields: Record<string, string>): FlatRecord => ({
  frame_id: 'cam-1-7',
  camera_id: 'cam-1',
  ...fields,
});

describe('decodeFrame, whatever comes', () => {
  it.each([
    ['nested lists', `{"capabilities":${'['.repeat(32_000)}${']'.repeat(32_000)}}`],
    ['nested objects', '{"a":'.repeat(10_000) + '1' + '}'.repeat(10_000)],
    ['nested lists of Python', `{'a': ${'['.repeat(32_000)}`],
    ['keys of Python that are objects', "{{'toString': 1}: 2}"],
    [
      'keys that objects have by themselves',
      '{"__proto__":{"capabilities":["x"]},"constructor":1,"toString":2}',
    ],
  ])('does not fail on %s', (_, metadata) => {
    expect(typeof decodeFrame(record({ metadata })).ok).toBe('boolean');
  });

  it('does not take what lies in __proto__ for metadata', () => {
    for (const metadata of [
      '{"__proto__":{"detection_type":"x"}}',
      "{'__proto__': {'detection_type': 'x'}}",
    ]) {
      expect(decodeFrame(record({ metadata }))).toMatchObject({ ok: true, value: { capabilities: [] } });
    }
  });

  const value = fc.oneof(
    fc.string({ maxLength: 50 }),
    fc.json(),
    fc.constantFrom(
      'None',
      'True',
      '',
      '0',
      '-0',
      '1e3',
      '{',
      "{'a': (1, )}",
      '\u0000',
      '2026-01-31 12:00:00',
    ),
    fc.double().map(String),
  );
  const names = [
    'frame_id',
    'camera_id',
    'timestamp',
    'size_bytes',
    'priority',
    'metadata',
    'detection_type',
    'storage_backend',
    'storage_path',
    'attempt',
    'trace_context',
    '__proto__',
    'toString',
  ];
  const anyRecord = fc.dictionary(fc.oneof(fc.constantFrom(...names), fc.string()), value, { maxKeys: 20 });

  it('never throws, and names field, value and expectation of each fault', () => {
    fc.assert(
      fc.property(anyRecord, (fields) => {
        const decoded = decodeFrame(fields);
        if (decoded.ok) return;
        expect(decoded.faults.length).toBeGreaterThan(0);
        for (const fault of decoded.faults) {
          expect(fault.field).not.toBe('');
          expect(fault.expected).not.toBe('');
          expect(fault.value.length).toBeLessThanOrEqual(80);
        }
      }),
      { seed: 12, numRuns: 1000 },
    );
  });

  it('gives back what was encoded', () => {
    const frame = fc.record(
      {
        frame_id: fc.string({ minLength: 1, maxLength: 50 }),
        camera_id: fc.string({ minLength: 1, maxLength: 50 }),
        timestamp: fc.nat(4_000_000_000).map((seconds) => seconds * 1000),
        size_bytes: fc.maxSafeNat(),
        width: fc.nat(),
        height: fc.nat(),
        format: fc.constantFrom('jpeg', 'png'),
        priority: fc.integer({ min: 0, max: 10 }),
        metadata: fc.dictionary(fc.string(), fc.jsonValue() as fc.Arbitrary<unknown>),
        storage_backend: fc.constantFrom('redis' as const, 'file' as const),
        attempt: fc.integer({ min: 1, max: 1000 }),
      },
      { requiredKeys: ['frame_id', 'camera_id'] },
    );
    fc.assert(
      fc.property(frame, (original) => {
        const metadata = original.metadata && (JSON.parse(JSON.stringify(original.metadata)) as never);
        const plain = metadata ? { ...original, metadata } : original;
        const decoded = frameRecord.decode(frameRecord.encode(plain));
        expect(decoded).toMatchObject({ _tag: 'Right', right: plain });
      }),
      { seed: 13, numRuns: 300 },
    );
  });
});
