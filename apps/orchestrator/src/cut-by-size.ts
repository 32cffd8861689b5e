import type { SourceEntry } from '@frame-buffer/stream-consumer';

/** Of the records in one call of a script: more would hold up everybody else in Redis. */
const MAX_CALL_CHARS = 512 * 1024;

/** Cuts a list of frames, in its order, so that one call can take each part; a record that is longer by itself goes alone. */
export function cutBySize<T extends { readonly entry: SourceEntry }>(frames: readonly T[]): T[][] {
  const parts: T[][] = [];
  let chars = Infinity;
  for (const frame of frames) {
    const own = charsOf(frame.entry);
    chars += own;
    if (chars > MAX_CALL_CHARS) {
      parts.push([]);
      chars = own;
    }
    parts.at(-1)?.push(frame);
  }
  return parts;
}

function charsOf({ fields }: SourceEntry): number {
  let chars = 0;
  for (const name in fields) chars += name.length + (fields[name]?.length ?? 0);
  return chars;
}
