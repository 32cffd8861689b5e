import { basename, resolve } from 'node:path';
import { type Decoded, shown } from '@frame-buffer/models';

/** Where a camera's pictures come from. */
export type Source =
  | { readonly kind: 'file'; readonly path: string }
  | { readonly kind: 'rtsp'; readonly url: string }
  /** ffmpeg's moving test picture. */
  | { readonly kind: 'pattern' };

const EXPECTED = 'a video file, an rtsp:// address or the word pattern';
const SCHEME = /^([a-z][a-z0-9+.-]*):\/\//i;

/** Reads `pattern`, `rtsp://...`, `rtsps://...` or the path of a file (relative to the working directory). */
export function parseSource(text: string): Decoded<Source> {
  if (text === 'pattern') return { ok: true, value: { kind: 'pattern' } };
  const scheme = SCHEME.exec(text)?.[1]?.toLowerCase();
  if (scheme === 'rtsp' || scheme === 'rtsps') {
    return URL.canParse(text) && new URL(text).hostname !== ''
      ? { ok: true, value: { kind: 'rtsp', url: text } }
      : unreadable(text);
  }
  if (scheme !== undefined || text === '') return unreadable(text);
  return { ok: true, value: { kind: 'file', path: resolve(text) } };
}

function unreadable(text: string): {
  ok: false;
  faults: { field: string; value: string; expected: string }[];
} {
  return { ok: false, faults: [{ field: 'source', value: shown(withoutSecrets(text)), expected: EXPECTED }] };
}

/** A source as it may stand in a log: a file by its name, a camera without its password. */
export function sourceText(source: Source): string {
  switch (source.kind) {
    case 'pattern':
      return 'the test pattern';
    case 'file':
      return basename(source.path);
    case 'rtsp':
      return withoutSecrets(source.url);
  }
}

/** Any text with the user and password of the addresses in it replaced by `***`. */
export function withoutSecrets(text: string): string {
  return text.replace(/(\/\/)[^/\s]*@/g, '$1***@');
}
