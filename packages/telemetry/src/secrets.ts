export const MASK = '***';

/** Ends of field names that hold secrets, compared in lower case without `_` and `-`: `redis_password`, `apiToken`. */
const SECRET_ENDINGS = [
  'password',
  'passwd',
  'passphrase',
  'token',
  'secret',
  'authorization',
  'apikey',
  'privatekey',
  'cookie',
];

/** Names are few and come again and again. */
const judged = new Map<string, boolean>();
const MAX_JUDGED = 1000;

export function isSecretName(name: string): boolean {
  let secret = judged.get(name);
  if (secret === undefined) {
    const plain = name.toLowerCase().replace(/[_\-.\s]/g, '');
    secret = SECRET_ENDINGS.some((ending) => plain.endsWith(ending));
    if (judged.size < MAX_JUDGED) judged.set(name, secret);
  }
  return secret;
}

/** Only texts with one of these can hold what is looked for below. */
const SUSPICIOUS = /[:=]|bearer|basic/i;
/**
 * `scheme://user:password@host`; a password may itself contain `/` or `@`. A port, `host:554/path?to=a@b`, is none.
 * Lengths are bounded, so that no text makes this slow.
 */
const URL_PASSWORD = /(:\/\/[^\s:@/"'<>]{0,256}):(?!\d{1,5}(?:[/?#\s]|$))((?:(?!:\/\/)[^\s"'<>]){1,512})@/g;
const ASSIGNED =
  /((?:password|passwd|passphrase|token|secret|authorization|api[_-]?key|private[_-]?key)["']?\s{0,4}[=:]\s{0,4})("[^"]{0,4096}"|'[^']{0,4096}'|(?:(?:bearer|basic)\s+)?[^\s"'&,;]+)/gi;
const SCHEME = /\b(bearer|basic)(\s+)[A-Za-z0-9._~+/=-]{8,}/gi;

/** A text without passwords in addresses, `password=...`, `token: ...` and `Bearer ...`. */
export function maskText(text: string): string {
  if (!SUSPICIOUS.test(text)) return text;
  return text
    .replace(URL_PASSWORD, `$1:${MASK}@`)
    .replace(ASSIGNED, (_all, name: string, value: string) => {
      const quote = /^["']/.exec(value)?.[0] ?? '';
      return `${name}${quote}${MASK}${quote}`;
    })
    .replace(SCHEME, `$1$2${MASK}`);
}
