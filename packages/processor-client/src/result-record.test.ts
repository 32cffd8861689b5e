import { decodeFrame } from '@frame-buffer/models';
import fc from 'fast-check';
import type { ProcessorFrame } from './frame.ts';
import { resultRecord } from './result-record.ts';

const facts = {
  processorId: 'p1',
  finishedAtMs: 1_760_000_000_000,
  durationMs: 12.3456,
  traceparent: undefined,
};

function frame(fields: Record<string, string> = {}): ProcessorFrame {
  const decoded = decodeFrame({ frame_id: 'f1', camera_id: 'c1', ...fields });
  if (!decoded.ok) throw new Error('bad frame');
  return { ...decoded.value, capability: undefined, image: () => Promise.reject(new Error('none')) };
}

describe('the record of a result', () => {
  it('has its own fields even where the processor returns nothing', () => {
    expect(resultRecord(frame(), undefined, facts)).toEqual({
      frame_id: 'f1',
      camera_id: 'c1',
      processor_id: 'p1',
      attempt: '1',
      timestamp: '2025-10-09T08:53:20.000Z',
      processing_time: '0.012346',
    });
  });

  it('keeps its own fields whatever the processor calls its', () => {
    const record = resultRecord(frame(), { frame_id: 'other', attempt: 9, timestamp: 'never' }, facts);
    expect(record).toMatchObject({ frame_id: 'f1', attempt: '1', timestamp: '2025-10-09T08:53:20.000Z' });
  });

  it('says when the picture was taken, in the words of its publisher', () => {
    expect(resultRecord(frame({ timestamp: '1769860800.5' }), {}, facts)['captured_at']).toBe('1769860800.5');
  });

  it('carries the trace on in the forms that the frame came with', () => {
    const traceparent = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';
    const came = frame({ trace_context: '{"trace_id": "old"}', tracestate: 'vendor=1' });
    const record = resultRecord(came, {}, { ...facts, traceparent });
    expect(record).toMatchObject({ traceparent, tracestate: 'vendor=1' });
    expect(JSON.parse(record['trace_context'] ?? '')).toEqual({
      trace_id: '0af7651916cd43dd8448eb211c80319c',
      span_id: 'b7ad6b7169203331',
      trace_flags: 1,
    });
    const w3c = resultRecord(frame(), {}, { ...facts, traceparent });
    expect([w3c['traceparent'], w3c['trace_context'], w3c['tracestate']]).toEqual([
      traceparent,
      undefined,
      undefined,
    ]);
  });

  it('says which attempts failed before', () => {
    const errors = '[{"processor_id":"p0","attempt":1,"error":"no memory"}]';
    expect(resultRecord(frame({ attempt: '2', errors }), {}, facts)['errors']).toBe(errors);
    expect(resultRecord(frame({ attempt: '1', errors }), {}, facts)['errors']).toBeUndefined();
  });

  it('leaves out what JSON has no word for', () => {
    const record = resultRecord(frame(), { f: () => {}, s: Symbol('s'), u: undefined, n: Number.NaN }, facts);
    expect(record).toMatchObject({ n: 'null' });
    expect(Object.keys(record)).not.toEqual(expect.arrayContaining(['f']));
    expect(Object.values(record).every((value) => typeof value === 'string')).toBe(true);
  });

  it('takes a list for one field', () => {
    expect(resultRecord(frame(), [1, 2] as never, facts)['result']).toBe('[1,2]');
  });

  it('is refused where it is as large as a picture', () => {
    const large = { pixels: 'x'.repeat(9 * 1024 * 1024) };
    expect(() => resultRecord(frame(), large, facts)).toThrow(
      /^the result has 9437190 characters, at most 8388608/,
    );
  });

  it('is flat, well-formed text for whatever JSON can express', () => {
    const value = fc.oneof(fc.jsonValue(), fc.string({ unit: 'binary' }), fc.constant('\udc00'));
    fc.assert(
      fc.property(fc.dictionary(fc.string({ unit: 'binary' }), value), (result) => {
        const record = resultRecord(frame(), result, facts);
        for (const [name, text] of Object.entries(record)) {
          expect(name.isWellFormed() && typeof text === 'string' && text.isWellFormed()).toBe(true);
        }
      }),
      { seed: 7, numRuns: 300 },
    );
  });
});
