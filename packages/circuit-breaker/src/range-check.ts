/** @throws RangeError with name, bounds and value. */
export function inRange(name: string, value: number, minimum: number, maximum: number): number {
  if (typeof value === 'number' && value >= minimum && value <= maximum) return value;
  throw new RangeError(`${name} must be a number from ${minimum} to ${maximum}, got ${String(value)}`);
}

/** @throws RangeError with name, bounds and value. */
export function wholeInRange(name: string, value: number, minimum: number, maximum: number): number {
  if (Number.isInteger(value) && value >= minimum && value <= maximum) return value;
  throw new RangeError(`${name} must be a whole number from ${minimum} to ${maximum}, got ${String(value)}`);
}
