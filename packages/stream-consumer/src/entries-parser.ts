import { isAscii } from 'node:buffer';
import type { EntryReply } from './entry.ts';

/** Entries of streams, as XREADGROUP answers them. */
export type StreamEntries = { stream: string; entries: EntryReply[] }[];

/** What the bytes that came so far are: a part of the answer, all of it, an error (all of it), or no answer of this command. */
export type Parsed =
  | { readonly kind: 'more' | 'error' | 'foreign' }
  | { readonly kind: 'entries'; readonly batches: StreamEntries };

export interface EntriesParser {
  /** Forgets what came of the last answer. */
  begin(): void;
  /** Takes the next bytes of one answer. After anything but `more` it wants another beginning. */
  push(chunk: Buffer): Parsed;
}

const MORE: Parsed = { kind: 'more' };
const ERROR: Parsed = { kind: 'error' };
const FOREIGN: Parsed = { kind: 'foreign' };
/** A batch of 512 frames with a dozen fields takes some 300 KB. */
const FIRST_SIZE = 512 * 1024;
/** What an answer beyond all measure needed isn't kept for the next one. */
const MAX_KEPT_BYTES = 4 * 1024 * 1024;
const MAX_KEPT_NAMES = 1_000;
const NO_BYTES = Buffer.alloc(0);
const CR = 13;
const LF = 10;
const ZERO = 48;
const NINE = 57;
const ARRAY = 42; // *
const MAP = 37; // %
const BULK = 36; // $
const NULL = 95; // _
const MINUS = 45;
/** Up to here V8 copies the characters itself; what is longer would be a slice that keeps the whole answer in memory. */
const MAX_COPIED = 12;

const INCOMPLETE = -1;
const UNEXPECTED = -2;
const NIL = -3;

/**
 * Parses the answer of XREADGROUP (RESP2: `*`; RESP3: `%`) from its bytes, and nothing else. Entries of a batch have the same names, which
 * are compared instead of decoded, and text that is all ASCII needs no decoding of UTF-8. No string that it makes keeps the
 * bytes in memory.
 *
 * An entry that hasn't come whole is parsed again from its beginning with the next bytes.
 */
export function createEntriesParser(): EntriesParser {
  let bytes = NO_BYTES;
  let end = 0;
  let at = 0;
  let ascii = true;
  /** The bytes from `textAt` on as text, one character a byte. */
  let text = '';
  let textAt = 0;
  let streamsLeft = INCOMPLETE;
  let entriesLeft = 0;
  let isMap = false;
  let batches: StreamEntries = [];
  const names: string[] = [];
  const nameBytes: Buffer[] = [];

  function append(chunk: Buffer): void {
    if (end + chunk.length > bytes.length) {
      const larger = Buffer.allocUnsafe(Math.max(FIRST_SIZE, bytes.length * 2, end + chunk.length));
      bytes.copy(larger, 0, 0, end);
      bytes = larger;
    }
    chunk.copy(bytes, end);
    end += chunk.length;
    ascii &&= isAscii(chunk);
  }

  /** The number after the mark of a type, and goes past its line. */
  function lengthOf(mark: number): number {
    if (at >= end) return INCOMPLETE;
    const type = bytes[at];
    let i = at + 1;
    if (type !== mark) {
      if (type !== NULL) return UNEXPECTED;
      if (i + 2 > end) return INCOMPLETE;
      at = i + 2;
      return NIL;
    }
    const negative = i < end && bytes[i] === MINUS;
    if (negative) i++;
    let number = 0;
    for (; i < end; i++) {
      const digit = bytes[i] as number;
      if (digit === CR) break;
      if (digit < ZERO || digit > NINE) return UNEXPECTED;
      number = number * 10 + digit - ZERO;
    }
    if (i + 2 > end) return INCOMPLETE;
    if (bytes[i + 1] !== LF) return UNEXPECTED;
    at = i + 2;
    return negative ? NIL : number;
  }

  function cut(from: number, to: number): string {
    if (!ascii) return bytes.toString('utf8', from, to);
    return to - from <= MAX_COPIED
      ? text.slice(from - textAt, to - textAt)
      : bytes.toString('latin1', from, to);
  }

  /** The text of a bulk string: undefined where there is none (nil), or a fault below 0. */
  function bulk(): string | undefined | number {
    const length = lengthOf(BULK);
    if (length < 0) return length === NIL ? undefined : length;
    const from = at;
    if (from + length + 2 > end) return INCOMPLETE;
    at = from + length + 2;
    return cut(from, from + length);
  }

  /** The `index`th name of an entry, which mostly is the one that the last entry had there. */
  function nameAt(index: number): string | number {
    const length = lengthOf(BULK);
    if (length < 0) return length === INCOMPLETE ? INCOMPLETE : UNEXPECTED;
    const from = at;
    if (from + length + 2 > end) return INCOMPLETE;
    at = from + length + 2;
    const known = nameBytes[index];
    if (known?.length === length) {
      let i = 0;
      while (i < length && bytes[from + i] === known[i]) i++;
      if (i === length) return names[index] as string;
    }
    nameBytes[index] = Buffer.from(bytes.subarray(from, from + length));
    return (names[index] = bytes.toString('utf8', from, from + length));
  }

  /** The fields of an entry: null where it was deleted, or a fault below 0. */
  function fieldsAt(): string[] | null | number {
    const count = lengthOf(ARRAY);
    if (count < 0) return count === NIL ? null : count;
    const fields: string[] = [];
    for (let i = 0; i < count; i++) {
      const part = i % 2 === 0 ? nameAt(i / 2) : bulk();
      if (typeof part === 'number') return part;
      if (part === undefined) return UNEXPECTED;
      fields.push(part);
    }
    return fields;
  }

  function entryAt(): EntryReply | number {
    const parts = lengthOf(ARRAY);
    if (parts !== 2) return parts === INCOMPLETE ? INCOMPLETE : UNEXPECTED;
    const id = bulk();
    if (typeof id !== 'string') return id ?? UNEXPECTED;
    const fields = fieldsAt();
    return typeof fields === 'number' ? fields : [id, fields];
  }

  /** Begins the next stream. @returns a fault below 0, or 0 */
  function streamAt(): number {
    if (!isMap) {
      const parts = lengthOf(ARRAY);
      if (parts !== 2) return parts === INCOMPLETE ? INCOMPLETE : UNEXPECTED;
    }
    const stream = bulk();
    if (typeof stream !== 'string') return stream ?? UNEXPECTED;
    const count = lengthOf(ARRAY);
    if (count < 0) return count === INCOMPLETE ? INCOMPLETE : UNEXPECTED;
    batches.push({ stream, entries: [] });
    entriesLeft = count;
    streamsLeft--;
    return 0;
  }

  /** @returns a fault below 0, or 0 */
  function beginning(): number {
    if (at >= end) return INCOMPLETE;
    isMap = bytes[at] === MAP;
    const count = lengthOf(isMap ? MAP : ARRAY);
    if (count === NIL) streamsLeft = 0;
    else if (count < 0) return count;
    else streamsLeft = count;
    return 0;
  }

  /** One step forward. @returns a fault below 0, or 0 */
  function step(): number {
    if (streamsLeft === INCOMPLETE) return beginning();
    if (entriesLeft === 0) return streamAt();
    const entry = entryAt();
    if (typeof entry === 'number') return entry;
    entriesLeft--;
    // Those that were deleted since they were delivered have nothing to hand on.
    if (entry[1] !== null) batches.at(-1)?.entries.push(entry);
    return 0;
  }

  return {
    begin() {
      end = at = entriesLeft = 0;
      streamsLeft = INCOMPLETE;
      ascii = true;
      batches = [];
      if (bytes.length > MAX_KEPT_BYTES) bytes = NO_BYTES;
      if (names.length > MAX_KEPT_NAMES) names.length = nameBytes.length = 0;
    },
    push(chunk) {
      append(chunk);
      if (bytes[0] === MINUS) {
        // Behind the end lies what came of longer answers before.
        const lineEnd = bytes.subarray(0, end).indexOf('\r\n');
        return lineEnd === -1 ? MORE : lineEnd === end - 2 ? ERROR : FOREIGN;
      }
      text = ascii ? bytes.toString('latin1', at, end) : '';
      textAt = at;
      while (streamsLeft !== 0 || entriesLeft > 0) {
        const before = at;
        const fault = step();
        if (fault === INCOMPLETE) {
          at = before;
          return MORE;
        }
        if (fault < 0) return FOREIGN;
      }
      text = '';
      // One command, one answer: nothing may follow.
      return at === end ? { kind: 'entries', batches } : FOREIGN;
    },
  };
}
