import * as t from 'io-ts';
import { DescribedType, oneOf, pattern, text } from './described.ts';
import { type Decoded, type Fault, faultsOf, shown } from './fault.ts';
import { parsePythonLiteral } from './python-literal.ts';
import { DECIMAL, timestampText } from './timestamp.ts';

/** A record as it lies in a stream: flat strings, as any Redis client in any language writes them. */
export type FlatRecord = Readonly<Record<string, string>>;

export const MIN_PRIORITY = 0;
export const MAX_PRIORITY = 10;
/** A frame's record is small by design (its pixels are elsewhere): 64 KiB leaves room for any sane metadata. */
export const MAX_RECORD_BYTES = 64 * 1024;
/** More fields than any real record has; far below what a script can pass on in one call. */
const MAX_FIELDS = 1000;
/** What comes on top of a publisher's record on its way: `ORCHESTRATOR_FIELDS` and a trace. Scripts bound `errors`, the largest of them. */
const ADDED_BYTES = 16 * 1024;
const ADDED_FIELDS = 20;
/** The longest that a UTF-16 unit becomes in UTF-8. */
const MAX_BYTES_PER_CHAR = 3;
const utf8 = new TextEncoder();
/**
 * What the orchestrator writes into a frame's record, and goes by when the frame comes back. In a record of a publisher (one that
 * publishes results as frames repeats them) these names mean nothing, and they don't travel on.
 */
export const ORCHESTRATOR_FIELDS: ReadonlySet<string> = new Set([
  'enqueued_at',
  'dispatched_by',
  'attempt',
  'capability',
  'errors',
  'failed_by',
  'terminal',
]);
/** More capabilities than any frame asks for; a bound on the copies one record can cause. */
export const MAX_CAPABILITIES_PER_FRAME = 16;

export const frameId = text(1, 512);
export const cameraId = text(1, 512);
export const capabilityName = pattern(
  'a capability such as object_detection (letters, digits, . _ : -)',
  /^[A-Za-z0-9._:-]{1,128}$/,
);
const storageBackend = oneOf('redis', 'file');
export type StorageBackend = t.TypeOf<typeof storageBackend>;

/** Where the pixels are. */
export interface FrameStorage {
  readonly backend: StorageBackend;
  /** The Redis key or the path of the file. */
  readonly path: string;
}

/** A decoded frame. The record it came from travels with it untouched. */
export interface Frame {
  readonly frameId: string;
  readonly cameraId: string;
  /** When the picture was taken, in ms since the epoch; undefined where the publisher doesn't say. */
  readonly capturedAtMs: number | undefined;
  readonly sizeBytes: number | undefined;
  readonly width: number | undefined;
  readonly height: number | undefined;
  readonly format: string | undefined;
  /** 0 (default) to 10; higher goes first. */
  readonly priority: number;
  /** What must be done to it; empty where any processor may take it. Without repetitions. */
  readonly capabilities: readonly string[];
  readonly metadata: Readonly<Record<string, unknown>> | undefined;
  readonly storage: FrameStorage | undefined;
  /** From 1. */
  readonly attempt: number;
  /** How long all names and values of the record are together, in UTF-16 units: what it costs to move it. */
  readonly recordChars: number;
  readonly fields: FlatRecord;
}

const MAX_SAFE_DIGITS = 15;

/** What nothing but digits stand for: without a pattern. undefined where there is anything else, or too many for a whole number. */
function digits(source: string): number | undefined {
  if (source.length === 0 || source.length > MAX_SAFE_DIGITS) return undefined;
  let number = 0;
  for (let i = 0; i < source.length; i++) {
    const digit = source.charCodeAt(i) - 48;
    if (digit < 0 || digit > 9) return undefined;
    number = number * 10 + digit;
  }
  return number;
}

function numberFromText(expected: string, minimum: number, maximum: number): DescribedType<number, string> {
  const parse = (input: unknown): number | undefined => {
    if (typeof input !== 'string') return undefined;
    const number = digits(input) ?? (DECIMAL.test(input) ? Number(input) : NaN);
    return Number.isInteger(number) && number >= minimum && number <= maximum ? number : undefined;
  };
  return new DescribedType(expected, { type: 'string', pattern: DECIMAL.source }, t.number.is, parse, String);
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

export const jsonObjectText = new DescribedType<Record<string, unknown>, string>(
  'a JSON object',
  { type: 'string', contentMediaType: 'application/json', contentSchema: { type: 'object' } },
  isObject,
  (input) => (typeof input === 'string' ? parseObject(input) : undefined),
  (value) => JSON.stringify(value),
);

function parseObject(source: string): Record<string, unknown> | undefined {
  let value: unknown;
  try {
    value = JSON.parse(source);
  } catch {
    value = parsePythonLiteral(source);
  }
  return isObject(value) ? value : undefined;
}

const nonNegative = numberFromText('a whole number, 0 or more', 0, Number.MAX_SAFE_INTEGER);

const OPTIONAL = {
  timestamp: timestampText,
  size_bytes: nonNegative,
  width: nonNegative,
  height: nonNegative,
  format: text(1, 64),
  priority: numberFromText(
    `a whole number from ${MIN_PRIORITY} to ${MAX_PRIORITY}`,
    MIN_PRIORITY,
    MAX_PRIORITY,
  ),
  metadata: jsonObjectText,
  detection_type: capabilityName,
  storage_backend: storageBackend,
  storage_path: text(1, 4096),
  frame_buffer_key: text(1, 4096),
  attempt: numberFromText('a whole number, 1 or more', 1, 1_000_000),
};

/** The flat wire form of a frame. Fields that are not named here travel on untouched. */
export const frameRecord = t.intersection([
  t.type({ frame_id: frameId, camera_id: cameraId }),
  t.partial(OPTIONAL),
]);

type FrameRecord = t.TypeOf<typeof frameRecord>;
type OptionalCodecs = readonly [keyof typeof OPTIONAL, DescribedType<unknown, string>][];
const OPTIONAL_CODECS = Object.entries(OPTIONAL) as unknown as OptionalCodecs;
const PUBLISHED_CODECS = OPTIONAL_CODECS.filter(([name]) => !ORCHESTRATOR_FIELDS.has(name));

export interface DecodeFrameOptions {
  /** What a frame asks for that says nothing itself. */
  defaultCapability?: string | undefined;
  /**
   * As a publisher wrote it: `ORCHESTRATOR_FIELDS` mean nothing, and there is less room. Otherwise it is one that was handed off, or
   * comes back.
   */
  isNew?: boolean;
  /** Of all names and values of a new record together, in UTF-8. */
  maxRecordBytes?: number;
}

/**
 * Decodes the flat record of a frame. An empty optional field, or Python's `None`, counts as absent.
 * Never throws; every fault is reported at once.
 */
export function decodeFrame(fields: FlatRecord, options: DecodeFrameOptions = {}): Decoded<Frame> {
  const { isNew = false, maxRecordBytes = MAX_RECORD_BYTES, defaultCapability } = options;
  const recordChars = isNew
    ? measured(fields, maxRecordBytes, MAX_FIELDS)
    : measured(fields, maxRecordBytes + ADDED_BYTES, MAX_FIELDS + ADDED_FIELDS);
  if (typeof recordChars !== 'number') return { ok: false, faults: [recordChars] };
  const codecs = isNew ? PUBLISHED_CODECS : OPTIONAL_CODECS;
  const record = soundRecord(fields, codecs);
  if (!record) return { ok: false, faults: faultsIn(fields, codecs) };
  const capabilities = capabilitiesAsked(record, defaultCapability);
  if (!capabilities.ok) return capabilities;
  return {
    ok: true,
    value: {
      frameId: record.frame_id,
      cameraId: record.camera_id,
      capturedAtMs: record.timestamp,
      sizeBytes: record.size_bytes,
      width: record.width,
      height: record.height,
      format: record.format,
      priority: record.priority ?? MIN_PRIORITY,
      capabilities: capabilities.value,
      metadata: record.metadata,
      storage: storageOf(record),
      attempt: record.attempt ?? 1,
      recordChars,
      fields,
    },
  };
}

const NO_CAPABILITIES: readonly string[] = Object.freeze([]);
const capabilityList = t.array(capabilityName);

/** `metadata.capabilities`, else `metadata.detection_type`, else the flat `detection_type`, else the default. */
function capabilitiesAsked(
  record: FrameRecord,
  defaultCapability: string | undefined,
): Decoded<readonly string[]> {
  const listed = record.metadata?.['capabilities'];
  if (listed !== undefined && listed !== null) {
    if (!capabilityList.is(listed) || listed.length === 0 || listed.length > MAX_CAPABILITIES_PER_FRAME) {
      return fault(
        'metadata.capabilities',
        listed,
        `a list of 1 to ${MAX_CAPABILITIES_PER_FRAME} capabilities`,
      );
    }
    return { ok: true, value: listed.length === 1 ? listed : [...new Set(listed)] };
  }
  const nested = record.metadata?.['detection_type'];
  if (nested !== undefined && nested !== null && nested !== '') {
    return capabilityName.is(nested)
      ? { ok: true, value: [nested] }
      : fault('metadata.detection_type', nested, capabilityName.name);
  }
  const single = record.detection_type ?? defaultCapability;
  return { ok: true, value: single === undefined ? NO_CAPABILITIES : [single] };
}

function fault(field: string, value: unknown, expected: string): { ok: false; faults: Fault[] } {
  return { ok: false, faults: [{ field, value: shown(value), expected }] };
}

function storageOf(record: FrameRecord): FrameStorage | undefined {
  const path = record.storage_path ?? record.frame_buffer_key;
  return path === undefined ? undefined : { backend: record.storage_backend ?? 'redis', path };
}

/** An optional field that says nothing: empty, or Python's `None`. */
const isAbsent = (value: string | undefined): boolean =>
  value === undefined || value === '' || value === 'None';

/** What io-ts would decode, without its record of where it was: this is the hot path. undefined: unsound, and io-ts says why. */
function soundRecord(fields: FlatRecord, codecs: OptionalCodecs): FrameRecord | undefined {
  const { frame_id, camera_id } = fields;
  if (!frameId.is(frame_id) || !cameraId.is(camera_id)) return undefined;
  const record: Record<string, unknown> = { frame_id, camera_id };
  for (const [name, codec] of codecs) {
    const value = fields[name];
    if (isAbsent(value)) continue;
    const parsed = codec.parse(value);
    if (parsed === undefined) return undefined;
    record[name] = parsed;
  }
  return record as FrameRecord;
}

function faultsIn(fields: FlatRecord, codecs: OptionalCodecs): Fault[] {
  const present: Record<string, unknown> = { frame_id: fields['frame_id'], camera_id: fields['camera_id'] };
  for (const [name] of codecs) if (!isAbsent(fields[name])) present[name] = fields[name];
  const decoded = frameRecord.decode(present);
  return decoded._tag === 'Left' ? faultsOf(decoded.left) : [];
}

/** The characters of a record, or what is too much of it. */
function measured(fields: FlatRecord, maxBytes: number, maxFields: number): number | Fault {
  let chars = 0;
  let count = 0;
  for (const name in fields) {
    count++;
    chars += name.length + (fields[name]?.length ?? 0);
  }
  if (count > maxFields)
    return { field: '(record)', value: `${count} fields`, expected: `at most ${maxFields} fields` };
  // Nearly all are so short that nobody need count their bytes.
  if (chars * MAX_BYTES_PER_CHAR <= maxBytes) return chars;
  const tooLong = chars > maxBytes;
  const bytes = tooLong ? chars : bytesOf(fields);
  if (bytes <= maxBytes) return chars;
  const value = tooLong ? `${bytes} bytes or more` : `${bytes} bytes`;
  return { field: '(record)', value, expected: `at most ${maxBytes} bytes in all` };
}

function bytesOf(fields: FlatRecord): number {
  let bytes = 0;
  for (const name in fields) bytes += utf8.encode(name).length + utf8.encode(fields[name]).length;
  return bytes;
}
