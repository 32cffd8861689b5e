/** @throws RangeError with name, bounds and value */
export function requireRange(name: string, value: number, minimum: number, maximum: number): number {
  if (!(value >= minimum && value <= maximum)) {
    throw new RangeError(`${name} must be from ${minimum} to ${maximum}, not ${value}`);
  }
  return value;
}
