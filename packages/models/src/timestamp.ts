import * as t from 'io-ts';
import { DescribedType } from './described.ts';

const ISO_8601 = /^(\d{4}-\d{2}-\d{2})[T ](\d{2}:\d{2}(?::\d{2}(?:[.,]\d+)?)?)\s*(Z|[+-]\d{2}:?\d{2})?$/i;
/** A number as a publisher may write it. */
export const DECIMAL = /^[+-]?\d+(?:\.\d*)?(?:e[+-]?\d+)?$/i;
/** Seconds since the epoch stay below this until the year 5138; larger numbers are taken for milliseconds. */
const MAX_EPOCH_SECONDS = 1e11;
/** The end of the year 9999: ISO 8601 goes no further, and what is larger is meant in microseconds or less. */
const MAX_EPOCH_MS = 253_402_300_799_999;

/**
 * ISO 8601 (also with a space, as Python's `str(datetime)` writes it; without a zone it is UTC) or epoch seconds.
 * @returns ms since the epoch, or undefined.
 */
export function parseTimestamp(source: string): number | undefined {
  return parseUtcMillis(source) ?? parseAnyTimestamp(source);
}

/** The day of the last timestamp, and its beginning: that of the next one is mostly the same. */
let lastDay = '';
let lastDayMs = 0;

/** `2026-01-31T12:00:00.000Z`, as most publishers write it: without a pattern and a Date for each. */
function parseUtcMillis(source: string): number | undefined {
  if (source.length !== 24 || source.charCodeAt(23) !== 90 || source.charCodeAt(10) !== 84) return undefined;
  if (source.charCodeAt(13) !== 58 || source.charCodeAt(16) !== 58 || source.charCodeAt(19) !== 46)
    return undefined;
  const hours = twoDigits(source, 11);
  const minutes = twoDigits(source, 14);
  const seconds = twoDigits(source, 17);
  const hundredths = twoDigits(source, 20);
  const thousandths = source.charCodeAt(22) - 48;
  const inRange =
    hours < 24 && minutes < 60 && seconds < 60 && hundredths < 100 && thousandths >= 0 && thousandths < 10;
  if (!inRange) return undefined;
  if (!source.startsWith(lastDay) || lastDay === '') {
    const day = source.slice(0, 10);
    const dayMs = parseAnyTimestamp(`${day}T00:00:00Z`);
    if (dayMs === undefined) return undefined;
    [lastDay, lastDayMs] = [day, dayMs];
  }
  return lastDayMs + ((hours * 60 + minutes) * 60 + seconds) * 1000 + hundredths * 10 + thousandths;
}

/** NaN where they are none, which is in no range. */
function twoDigits(text: string, at: number): number {
  const tens = text.charCodeAt(at) - 48;
  const ones = text.charCodeAt(at + 1) - 48;
  return tens >= 0 && tens < 10 && ones >= 0 && ones < 10 ? tens * 10 + ones : NaN;
}

function parseAnyTimestamp(source: string): number | undefined {
  if (DECIMAL.test(source)) {
    const number = Number(source);
    if (!(number >= 0)) return undefined;
    const ms = number < MAX_EPOCH_SECONDS ? number * 1000 : number;
    return ms <= MAX_EPOCH_MS ? ms : undefined;
  }
  const match = ISO_8601.exec(source);
  const [, date = '', time = '', zone = 'Z'] = match ?? [];
  if (!match || !isDayOfMonth(date)) return undefined;
  const ms = Date.parse(`${date}T${time.replace(',', '.')}${zone}`);
  return Number.isNaN(ms) ? undefined : ms;
}

/** Date.parse takes the 30th of February for the 2nd of March. */
function isDayOfMonth(date: string): boolean {
  const day = Number(date.slice(8));
  return day <= 28 || new Date(`${date}T00:00:00Z`).getUTCDate() === day;
}

export const timestampText = new DescribedType<number, string>(
  'a date in ISO 8601 or seconds since the epoch',
  { type: 'string', examples: ['2026-01-31T12:00:00.000Z', '1769860800.123'] },
  t.number.is,
  (input) => (typeof input === 'string' ? parseTimestamp(input) : undefined),
  (ms) => new Date(ms).toISOString(),
);
