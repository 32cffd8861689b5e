const DURATION = /^(\d+(?:\.\d+)?)\s*(ms|s|m|h)?$/i;
const UNIT_MS: Readonly<Record<string, number>> = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000 };

/** `20s`, `500ms`, `1.5m`, `2h`, or a number of seconds. @returns ms, or undefined for anything else */
export function parseDuration(text: string): number | undefined {
  const [, amount, unit = 's'] = DURATION.exec(text.trim()) ?? [];
  return amount === undefined ? undefined : Number(amount) * (UNIT_MS[unit.toLowerCase()] ?? 1_000);
}
