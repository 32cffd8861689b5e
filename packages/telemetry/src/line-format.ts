import type { LogLevel } from './log-level.ts';

export type LogFormat = 'json' | 'pretty';

/** A line ready to be written: fields are plain, secrets masked. */
export interface WrittenLine {
  readonly level: LogLevel;
  readonly message: string;
  readonly timestamp: string;
  readonly service: string;
  readonly fields: Readonly<Record<string, unknown>>;
}

const OWN_NAMES = new Set(['timestamp', 'level', 'message', 'service']);

/** One JSON object. A field that bears the name of one of the line's own is kept as `field_<name>`. */
export function jsonLine({ fields, ...own }: WrittenLine): string {
  const { timestamp, level, message, service } = own;
  const line: Record<string, unknown> = { timestamp, level, message, service };
  for (const [name, value] of Object.entries(fields))
    line[OWN_NAMES.has(name) ? `field_${name}` : name] = value;
  return JSON.stringify(line);
}

const COLOURS: Readonly<Record<LogLevel, number>> = { error: 31, warn: 33, info: 32, debug: 90 };

/** One line for a person: `12:00:00.000 WARN  message  key=value`. What others sent can't break the line or steer the terminal. */
export function prettyLine({ timestamp, level, message, fields }: WrittenLine, colours: boolean): string {
  const time = timestamp.slice(11, 23);
  const name = level.toUpperCase().padEnd(5);
  const shownName = colours ? `\u001b[${COLOURS[level]}m${name}\u001b[0m` : name;
  const pairs = Object.entries(fields).map(([key, value]) => ` ${inLine(key)}=${shown(value)}`);
  return `${time} ${shownName} ${inLine(message)}${pairs.length > 0 ? ` ${pairs.join('')}` : ''}`;
}

function shown(value: unknown): string {
  if (typeof value === 'string') return /^[\w.:/@+-]+$/.test(value) ? value : inLine(JSON.stringify(value));
  if (isPlainError(value)) return inLine(JSON.stringify(`${value.name}: ${value.message}`));
  return inLine(JSON.stringify(value) ?? 'undefined');
}

function isPlainError(value: unknown): value is { name: string; message: string } {
  return (
    typeof value === 'object' && value !== null && 'name' in value && 'message' in value && 'stack' in value
  );
}

function inLine(text: string): string {
  return text.replace(
    // eslint-disable-next-line no-control-regex
    /[\u0000-\u001f\u007f-\u009f\u2028\u2029]/g,
    (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}
