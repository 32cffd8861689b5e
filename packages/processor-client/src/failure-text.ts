import { shown } from '@frame-buffer/models';

/** Long enough for any sentence; a frame's record must stay small, however often it fails. */
const MAX_CHARS = 1_000;

/** What was thrown, as one text that fits into a frame's list of errors. */
export function failureText(thrown: unknown): string {
  const text = messageOf(thrown) ?? (typeof thrown === 'string' ? thrown : `thrown: ${shown(thrown)}`);
  // Half a surrogate pair, of the author's or of the cut, is no UTF-8; Redis' JSON refuses it.
  return (text.length <= MAX_CHARS ? text : `${text.slice(0, MAX_CHARS - 1)}…`).toWellFormed();
}

/** By its shape, because an error of another realm (a worker, a vm) is no instance of this one's Error. */
function messageOf(thrown: unknown): string | undefined {
  const { message, name } = (thrown ?? {}) as { message?: unknown; name?: unknown };
  if (typeof message !== 'string') return undefined;
  return message || (typeof name === 'string' ? name : undefined);
}
