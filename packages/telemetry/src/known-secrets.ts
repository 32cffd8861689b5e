import { MASK, isSecretName, maskText } from './secrets.ts';

/** Shorter ones would hide ordinary words too. */
const MIN_LENGTH = 6;
/** `scheme://user:password@host`: from the first colon to the last `@`. */
const ADDRESS_PASSWORD = /^[a-z][a-z0-9+.-]*:\/\/[^:/?#]*:(.+)@/i;
const ADDRESS_QUERY = /^[a-z][a-z0-9+.-]*:\/\/[^?]*\?(.+)$/i;
/** OpenTelemetry's: `name=value,name=value`, and any of them may be a key. */
const HEADERS = /_HEADERS$/;

/**
 * The secrets of an environment, so that they can be masked wherever they stand, also where nothing around them tells: values of
 * variables with names such as `API_TOKEN`, passwords in addresses, and all headers for a receiver of traces.
 */
export function secretsIn(env: Readonly<Record<string, string | undefined>>): string[] {
  const found = new Set<string>();
  const add = (secret: string | undefined): void => {
    for (const form of [secret, secret && decoded(secret)])
      if (form && form.length >= MIN_LENGTH) found.add(form);
  };
  for (const [name, value] of Object.entries(env)) {
    const text = value?.trim();
    if (!text) continue;
    if (isSecretName(name)) add(text);
    add(ADDRESS_PASSWORD.exec(text)?.[1]);
    for (const [key, each] of new URLSearchParams(ADDRESS_QUERY.exec(text)?.[1] ?? ''))
      if (isSecretName(key)) add(each);
    if (HEADERS.test(name))
      for (const header of text.split(',')) addHeader(header.slice(header.indexOf('=') + 1), add);
  }
  // The longest first: one may be part of another.
  return [...found].toSorted((a, b) => b.length - a.length);
}

/** Of `Bearer abc` the scheme is no secret, and the rest is one by itself. */
function addHeader(value: string, add: (secret: string) => void): void {
  const plain = decoded(value.trim());
  add(plain);
  add(plain.replace(/^\S+\s+/, ''));
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

/** Masks these secrets, and what looks like one. */
export function maskerOf(secrets: readonly string[]): (text: string) => string {
  if (secrets.length === 0) return maskText;
  return (text) => {
    let masked = text;
    for (const secret of secrets) if (masked.includes(secret)) masked = masked.replaceAll(secret, MASK);
    return maskText(masked);
  };
}
