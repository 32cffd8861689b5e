import fc from 'fast-check';
import { traceContextOf, traceparentOf } from './trace-context.ts';

const traceId = '0af7651916cd43dd8448eb211c80319c';
const spanId = 'b7ad6b7169203331';
const traceparent = `00-${traceId}-${spanId}-01`;
const older = (fields: object): string => JSON.stringify({ trace_id: traceId, span_id: spanId, ...fields });

describe('traceContextOf', () => {
  it('reads traceparent and tracestate', () => {
    expect(traceContextOf({ traceparent, tracestate: 'vendor=1' })).toEqual({
      traceId,
      spanId,
      traceFlags: 1,
      tracestate: 'vendor=1',
    });
  });

  it('reads the older trace_context', () => {
    expect(traceContextOf({ trace_context: older({ trace_flags: 0 }) })).toEqual({
      traceId,
      spanId,
      traceFlags: 0,
      tracestate: undefined,
    });
  });

  it('reads trace_context as Python writes a dict', () => {
    const text = `{'trace_id': '${traceId}', 'span_id': '${spanId}', 'trace_flags': 1}`;
    expect(traceContextOf({ trace_context: text })).toMatchObject({ traceId, spanId, traceFlags: 1 });
  });

  it.each<[flags: unknown, read: number]>([
    [undefined, 1],
    [1, 1],
    ['01', 1],
    [255, 255],
    [256, 0],
    [-1, 0],
    [1.5, 0],
    ['x', 0],
  ])('reads trace_flags %p of the older form as %i', (trace_flags, read) => {
    expect(traceContextOf({ trace_context: older({ trace_flags }) })?.traceFlags).toBe(read);
  });

  it('prefers the W3C form', () => {
    const other = older({ trace_id: 'f'.repeat(32) });
    expect(traceContextOf({ traceparent, trace_context: other })?.traceId).toBe(traceId);
  });

  it('takes the older form where the W3C form is broken', () => {
    expect(traceContextOf({ traceparent: 'broken', trace_context: older({}) })?.traceId).toBe(traceId);
  });

  it('reads a version that is yet to come, with more behind', () => {
    expect(traceContextOf({ traceparent: `cc-${traceId}-${spanId}-01-what-comes` })?.spanId).toBe(spanId);
  });

  it.each([
    '',
    'None',
    traceparent.toUpperCase(),
    `ff-${traceId}-${spanId}-01`,
    `00-${'0'.repeat(32)}-${spanId}-01`,
    `00-${traceId}-${'0'.repeat(16)}-01`,
    `00-${traceId}-${spanId}`,
    `00-${traceId.slice(1)}-${spanId}-01`,
  ])('finds no context in the traceparent %j', (text) => {
    expect(traceContextOf({ traceparent: text })).toBeUndefined();
  });

  it.each(['', '{', 'null', '5', '"x"', '[]', '{}', older({ span_id: 7 }), older({ trace_id: 'short' })])(
    'finds no context in the trace_context %j',
    (text) => {
      expect(traceContextOf({ trace_context: text })).toBeUndefined();
    },
  );

  it('never throws', () => {
    fc.assert(
      fc.property(fc.string(), fc.string(), fc.oneof(fc.json(), fc.string()), (parent, state, json) => {
        expect(() =>
          traceContextOf({ traceparent: parent, tracestate: state, trace_context: json }),
        ).not.toThrow();
      }),
      { seed: 31 },
    );
  });
});

describe('traceparentOf', () => {
  it('is read back as the same context', () => {
    const hex = (length: number) =>
      fc
        .array(fc.constantFrom(...'0123456789abcdef'), { minLength: length, maxLength: length })
        .map((digits) => digits.join(''))
        .filter((text) => /[^0]/.test(text));
    const context = fc.record({
      traceId: hex(32),
      spanId: hex(16),
      traceFlags: fc.nat(255),
      tracestate: fc.constant(undefined),
    });
    fc.assert(
      fc.property(context, (original) => {
        expect(traceContextOf({ traceparent: traceparentOf(original) })).toEqual(original);
      }),
      { seed: 32 },
    );
  });
});
