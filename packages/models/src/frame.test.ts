import fc from 'fast-check';
import { decodeFrame, type DecodeFrameOptions, type FlatRecord, frameRecord } from './frame.ts';

const record = (fields: Record<string, string> = {}): FlatRecord => ({
  frame_id: 'cam-1-7',
  camera_id: 'cam-1',
  ...fields,
});

function frameOf(fields: Record<string, string>, defaultCapability?: string) {
  const decoded = decodeFrame(record(fields), { defaultCapability });
  if (!decoded.ok) throw new Error(`not decoded: ${JSON.stringify(decoded.faults)}`);
  return decoded.value;
}

function faultsOf(fields: FlatRecord, options?: DecodeFrameOptions) {
  const decoded = decodeFrame(fields, options);
  return decoded.ok ? [] : decoded.faults;
}

describe('decodeFrame', () => {
  it('reads every field', () => {
    const fields = record({
      timestamp: '2026-01-31T12:00:00.250Z',
      size_bytes: '48123',
      width: '1280',
      height: '720',
      format: 'jpeg',
      priority: '7',
      metadata: '{"capabilities":["face_detection"],"zone":"door"}',
      storage_backend: 'file',
      storage_path: '/frames/7.jpg',
      attempt: '2',
      traceparent: 'anything',
    });
    expect(decodeFrame(fields)).toEqual({
      ok: true,
      value: {
        frameId: 'cam-1-7',
        cameraId: 'cam-1',
        capturedAtMs: Date.parse('2026-01-31T12:00:00.250Z'),
        sizeBytes: 48_123,
        width: 1280,
        height: 720,
        format: 'jpeg',
        priority: 7,
        capabilities: ['face_detection'],
        metadata: { capabilities: ['face_detection'], zone: 'door' },
        storage: { backend: 'file', path: '/frames/7.jpg' },
        attempt: 2,
        recordChars: Object.entries(fields).flat().join('').length,
        fields,
      },
    });
  });

  it('needs no more than the two ids', () => {
    expect(frameOf({})).toMatchObject({
      priority: 0,
      capabilities: [],
      attempt: 1,
      capturedAtMs: undefined,
      storage: undefined,
    });
  });

  it('keeps unknown fields, and the record as it came', () => {
    const fields = record({ gps: '52.5,13.4', note: 'None', priority: 'None' });
    const decoded = decodeFrame(fields);
    expect(decoded.ok && decoded.value.fields).toBe(fields);
    expect(fields).toEqual({
      frame_id: 'cam-1-7',
      camera_id: 'cam-1',
      gps: '52.5,13.4',
      note: 'None',
      priority: 'None',
    });
  });

  it.each([
    'timestamp',
    'size_bytes',
    'width',
    'format',
    'priority',
    'metadata',
    'detection_type',
    'storage_backend',
    'storage_path',
    'attempt',
  ])('takes an empty %s, and None as Python writes it, for absent', (name) => {
    const saidBy = (fields: Record<string, string>) => ({
      ...frameOf(fields),
      fields: undefined,
      recordChars: 0,
    });
    expect(saidBy({ [name]: '' })).toEqual(saidBy({}));
    expect(saidBy({ [name]: 'None' })).toEqual(saidBy({}));
  });

  it('finds the pixels where older publishers say: in Redis, under frame_buffer_key', () => {
    expect(frameOf({ frame_buffer_key: 'frame:7' }).storage).toEqual({ backend: 'redis', path: 'frame:7' });
  });

  it('reads what Python writes with str()', () => {
    const frame = frameOf({
      timestamp: '2026-01-01 12:00:00.123456',
      size_bytes: '48123.0',
      priority: '5',
      metadata: "{'detection_type': 'face', 'armed': True, 'note': None}",
    });
    expect(frame).toMatchObject({
      capturedAtMs: Date.parse('2026-01-01T12:00:00.123Z'),
      sizeBytes: 48_123,
      priority: 5,
      capabilities: ['face'],
      metadata: { detection_type: 'face', armed: true, note: null },
    });
  });
});

describe('what is wrong with a record', () => {
  it.each<[fields: Record<string, string>, field: string, value: string, expected: string]>([
    [{ priority: 'high' }, 'priority', '"high"', 'a whole number from 0 to 10'],
    [{ priority: '11' }, 'priority', '"11"', 'a whole number from 0 to 10'],
    [{ priority: '-1' }, 'priority', '"-1"', 'a whole number from 0 to 10'],
    [{ priority: '1.5' }, 'priority', '"1.5"', 'a whole number from 0 to 10'],
    [{ priority: 'True' }, 'priority', '"True"', 'a whole number from 0 to 10'],
    [{ width: '1280px' }, 'width', '"1280px"', 'a whole number, 0 or more'],
    [{ height: '-720' }, 'height', '"-720"', 'a whole number, 0 or more'],
    [{ size_bytes: 'NaN' }, 'size_bytes', '"NaN"', 'a whole number, 0 or more'],
    [{ size_bytes: '0x10' }, 'size_bytes', '"0x10"', 'a whole number, 0 or more'],
    [{ size_bytes: '1e400' }, 'size_bytes', '"1e400"', 'a whole number, 0 or more'],
    [{ attempt: '0' }, 'attempt', '"0"', 'a whole number, 1 or more'],
    [{ timestamp: 'yesterday' }, 'timestamp', '"yesterday"', 'a date in ISO 8601 or seconds since the epoch'],
    [
      { timestamp: '2026-13-01T00:00:00Z' },
      'timestamp',
      '"2026-13-01T00:00:00Z"',
      'a date in ISO 8601 or seconds since the epoch',
    ],
    [{ metadata: '{"a":' }, 'metadata', '"{\\"a\\":"', 'a JSON object'],
    [{ metadata: '[1]' }, 'metadata', '"[1]"', 'a JSON object'],
    [{ metadata: '"text"' }, 'metadata', '"\\"text\\""', 'a JSON object'],
    [{ metadata: 'null' }, 'metadata', '"null"', 'a JSON object'],
    [
      { detection_type: 'face detection' },
      'detection_type',
      '"face detection"',
      'a capability such as object_detection (letters, digits, . _ : -)',
    ],
    [{ storage_backend: 's3' }, 'storage_backend', '"s3"', 'one of redis, file'],
    [
      { metadata: '{"capabilities":"face"}' },
      'metadata.capabilities',
      '"face"',
      'a list of 1 to 16 capabilities',
    ],
    [{ metadata: '{"capabilities":[]}' }, 'metadata.capabilities', '[]', 'a list of 1 to 16 capabilities'],
    [
      { metadata: '{"capabilities":["a",7]}' },
      'metadata.capabilities',
      '["a",7]',
      'a list of 1 to 16 capabilities',
    ],
    [
      { metadata: '{"detection_type":7}' },
      'metadata.detection_type',
      '7',
      'a capability such as object_detection (letters, digits, . _ : -)',
    ],
    [{ frame_id: '' }, 'frame_id', '""', 'text of 1 to 512 characters'],
    [{ format: 'x'.repeat(65) }, 'format', `"${'x'.repeat(65)}"`, 'text of 1 to 64 characters'],
  ])('%j', (fields, field, value, expected) => {
    expect(faultsOf(record(fields))).toEqual([{ field, value, expected }]);
  });

  it('is that an id is missing', () => {
    expect(faultsOf({ camera_id: 'c' })).toEqual([
      { field: 'frame_id', value: 'nothing', expected: 'text of 1 to 512 characters' },
    ]);
  });

  it('is said all at once', () => {
    const faults = faultsOf({ frame_id: 'f', priority: 'x', width: 'y', timestamp: 'z' });
    expect(faults.map(({ field }) => field).sort()).toEqual(['camera_id', 'priority', 'timestamp', 'width']);
  });

  it('is shortened where it is long', () => {
    const [fault] = faultsOf(record({ priority: '9'.repeat(5000) }));
    expect(fault?.value).toHaveLength(80);
    expect(fault?.value.endsWith('…')).toBe(true);
  });

  it('is its size, where it is larger than the limit', () => {
    expect(faultsOf(record({ blob: 'x'.repeat(65_536) }), { isNew: true })).toEqual([
      { field: '(record)', value: '65569 bytes or more', expected: 'at most 65536 bytes in all' },
    ]);
    expect(faultsOf(record({ blob: 'ä'.repeat(40_000) }), { isNew: true })).toEqual([
      { field: '(record)', value: '80033 bytes', expected: 'at most 65536 bytes in all' },
    ]);
  });

  it('is not its size up to the limit, whatever it is written in', () => {
    for (const [letter, bytes] of [
      ['x', 1],
      ['ä', 2],
      ['好', 3],
      ['\u{1f600}', 4],
    ] as const) {
      const room = 65_536 - 33;
      const blob = letter.repeat(Math.floor(room / bytes)) + 'x'.repeat(room % bytes);
      expect(decodeFrame(record({ blob }), { isNew: true }).ok).toBe(true);
      expect(decodeFrame(record({ blob: `${blob}x` }), { isNew: true }).ok).toBe(false);
    }
    expect(
      decodeFrame(record({ blob: 'x'.repeat(65_536) }), { isNew: true, maxRecordBytes: 70_000 }).ok,
    ).toBe(true);
  });

  it('is the number of its fields', () => {
    const many = Object.fromEntries(Array.from({ length: 1001 }, (_, i) => [`f${i}`, '']));
    expect(faultsOf(many, { isNew: true })).toEqual([
      { field: '(record)', value: '1001 fields', expected: 'at most 1000 fields' },
    ]);
  });

  it('is none of what the orchestrator adds to a record that was as large as it may be', () => {
    const most = Object.fromEntries(Array.from({ length: 997 }, (_, i) => [`f${i}`, 'v']));
    const added = {
      enqueued_at: '2026-01-31T12:00:00.000Z',
      dispatched_by: 'o'.repeat(128),
      attempt: '3',
      capability: 'c'.repeat(128),
      errors: 'e'.repeat(14 * 1024),
      failed_by: 'p'.repeat(128),
      terminal: '0',
      traceparent: '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01',
    };
    const blob = 'x'.repeat(65_536 - 33);
    expect(decodeFrame(record({ blob, ...added })).ok).toBe(true);
    expect(decodeFrame(record({ ...most, ...added })).ok).toBe(true);
    expect(decodeFrame(record({ blob, ...added, more: 'x'.repeat(16 * 1024) })).ok).toBe(false);
  });

  it('is more capabilities than a frame may ask for', () => {
    const capabilities = Array.from({ length: 17 }, (_, i) => `c${i}`);
    expect(faultsOf(record({ metadata: JSON.stringify({ capabilities }) }))[0]?.field).toBe(
      'metadata.capabilities',
    );
  });
});

describe('what the orchestrator writes', () => {
  it('means nothing in the record of a publisher', () => {
    const own = { attempt: '4', capability: 'stage1', terminal: '1', failed_by: 'p', errors: '[' };
    expect(decodeFrame(record(own), { isNew: true })).toMatchObject({ ok: true, value: { attempt: 1 } });
    expect(decodeFrame(record({ attempt: 'many' }), { isNew: true }).ok).toBe(true);
  });

  it('counts in a record that was handed off', () => {
    expect(decodeFrame(record({ attempt: '4' }))).toMatchObject({ ok: true, value: { attempt: 4 } });
    expect(decodeFrame(record({ attempt: 'many' })).ok).toBe(false);
  });
});

describe('what a frame asks for', () => {
  const flat = { detection_type: 'flat' };

  it.each<[what: string, fields: Record<string, string>, asked: string[]]>([
    [
      'metadata.capabilities before all',
      { metadata: '{"capabilities":["a","b"],"detection_type":"n"}', ...flat },
      ['a', 'b'],
    ],
    ['metadata.detection_type before the flat field', { metadata: '{"detection_type":"n"}', ...flat }, ['n']],
    ['the flat field before the default', flat, ['flat']],
    ['the default', {}, ['standard']],
    ['the next where capabilities is null', { metadata: '{"capabilities":null}', ...flat }, ['flat']],
    [
      'the next where metadata.detection_type is empty',
      { metadata: '{"detection_type":""}', ...flat },
      ['flat'],
    ],
    ['each capability once', { metadata: '{"capabilities":["a","b","a"]}' }, ['a', 'b']],
    ['a tuple of Python', { metadata: "{'capabilities': ('a', 'b')}" }, ['a', 'b']],
  ])('is %s', (_, fields, asked) => {
    expect(frameOf(fields, 'standard').capabilities).toEqual(asked);
  });

  it('is nothing where neither it nor the configuration says: any processor may take it', () => {
    expect(frameOf({}).capabilities).toEqual([]);
  });
});

describe('the hot path', () => {
  it('decodes what io-ts decodes, and refuses what it refuses', () => {
    const value = fc.oneof(
      fc.constantFrom(
        '0',
        '7',
        '11',
        '-1',
        '1e3',
        '640.0',
        'wide',
        '{}',
        '{"a":1}',
        '[1]',
        "{'a': None}",
        'redis',
        'file',
        'tape',
      ),
      fc.constantFrom('2026-01-31T12:00:00Z', '2026-02-30', '1769860800.5', 'object_detection', 'a b'),
      fc.string({ maxLength: 20 }),
    );
    const names = fc.constantFrom(
      'frame_id',
      'camera_id',
      'timestamp',
      'size_bytes',
      'width',
      'height',
      'format',
      'priority',
      'metadata',
      'detection_type',
      'storage_backend',
      'storage_path',
      'frame_buffer_key',
      'attempt',
      'own',
    );
    fc.assert(
      fc.property(fc.dictionary(names, value), (fields) => {
        // Fields that say nothing are no matter of the codec.
        const said = Object.fromEntries(
          Object.entries(fields).filter(([, text]) => text !== '' && text !== 'None'),
        );
        const decoded = decodeFrame(said);
        const codec = frameRecord.decode(said);
        const badCapability =
          !decoded.ok && decoded.faults.every(({ field }) => field.startsWith('metadata.'));
        expect(decoded.ok || badCapability).toBe(codec._tag === 'Right');
        if (!decoded.ok) expect(decoded.faults.length).toBeGreaterThan(0);
        if (decoded.ok && codec._tag === 'Right')
          expect(decoded.value.priority).toBe(codec.right.priority ?? 0);
      }),
      { seed: 7, numRuns: 3_000 },
    );
  });
});
