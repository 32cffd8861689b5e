/** Figures as a person reads them. Unknown is a dash, never 0. */

export const UNKNOWN = '–';

const whole = new Intl.NumberFormat('en');
const compact = new Intl.NumberFormat('en', { notation: 'compact', maximumFractionDigits: 1 });

/** @param {number | null | undefined} n */
export const count = (n) => (n === null || n === undefined ? UNKNOWN : whole.format(n));

/** @param {number | null | undefined} n */
export const short = (n) =>
  n === null || n === undefined ? UNKNOWN : n < 10_000 ? whole.format(n) : compact.format(n);

/** @param {number | null | undefined} n per second */
export function rate(n) {
  if (n === null || n === undefined) return UNKNOWN;
  if (n === 0) return '0';
  if (n < 0.1) return '<0.1';
  return n < 9.95 ? n.toFixed(1) : short(Math.round(n));
}

/** @param {number | null | undefined} ms */
export function duration(ms) {
  if (ms === null || ms === undefined) return UNKNOWN;
  if (ms < 1_000) return `${Math.round(ms)} ms`;
  if (ms < 10_000) return `${(ms / 1_000).toFixed(1)} s`;
  return age(ms);
}

/**
 * In whole seconds and more: for what is written every second.
 * @param {number | null | undefined} ms
 */
export function age(ms) {
  if (ms === null || ms === undefined) return UNKNOWN;
  const seconds = Math.max(0, Math.round(ms / 1_000));
  if (seconds < 120) return `${seconds} s`;
  if (seconds < 7_200) return `${Math.round(seconds / 60)} min`;
  if (seconds < 172_800) return `${Math.round(seconds / 3_600)} h`;
  return `${Math.round(seconds / 86_400)} days`;
}

/** @param {number | null | undefined} bytes */
export function size(bytes) {
  if (bytes === null || bytes === undefined) return UNKNOWN;
  const units = ['B', 'KiB', 'MiB', 'GiB', 'TiB'];
  let value = bytes;
  let unit = 0;
  while (value >= 1024 && unit < units.length - 1) {
    value /= 1024;
    unit++;
  }
  return `${value < 10 && unit > 0 ? value.toFixed(1) : Math.round(value)} ${units[unit]}`;
}

/** @param {number} ms since the epoch */
export function clock(ms) {
  return new Date(ms).toLocaleTimeString('en-GB', { hour12: false });
}
