export interface PriorityClass {
  readonly name: string;
  /** The lowest priority that belongs to it. What is below all classes belongs to the lowest. */
  readonly from: number;
  /** Its share of the dispatches while all classes have something waiting. */
  readonly weight: number;
  /** Items that may wait in it; any number where it says nothing. */
  readonly limit?: number | undefined;
}

export interface PriorityQueueOptions {
  classes: readonly PriorityClass[];
  /** Waiting longer than this counts as aged. */
  agedAfterMs: number;
  /**
   * At most one in so many dispatches goes to the oldest aged item instead of the one whose turn it is. Where none has aged, one that does so
   * is found within the next so many.
   */
  agedEvery: number;
  /** ms, monotonic. */
  clock: () => number;
}

export type CheckedOptions = Readonly<PriorityQueueOptions>;

const DEFAULTS: PriorityQueueOptions = {
  // 11 priorities in three classes: a high frame passes at once up to three quarters of what the processors can do.
  classes: [
    { name: 'high', from: 8, weight: 16 },
    { name: 'normal', from: 4, weight: 4 },
    { name: 'low', from: 0, weight: 1 },
  ],
  // Long for anything live; in overload a class waits longer by its share already.
  agedAfterMs: 5_000,
  agedEvery: 10,
  clock: () => performance.now(),
};

/** Complete, the highest class first. @throws RangeError for classes or figures that make no sense */
export function checkedOptions(given: Partial<PriorityQueueOptions>): CheckedOptions {
  const options = { ...DEFAULTS, ...given };
  const { classes, agedAfterMs, agedEvery } = options;
  if (classes.length === 0) throw new RangeError('classes must not be empty');
  for (const { name, from, weight, limit } of classes) {
    if (Number.isNaN(from)) throw new RangeError(`from of class ${name} must be a number, is NaN`);
    requireWhole(`weight of class ${name}`, weight, 1);
    if (limit !== undefined) requireWhole(`limit of class ${name}`, limit, 1);
  }
  requireDifferent(
    'from',
    classes.map(({ from }) => from),
  );
  requireDifferent(
    'name',
    classes.map(({ name }) => name),
  );
  if (!(agedAfterMs >= 0)) throw new RangeError(`agedAfterMs must be 0 or more, is ${agedAfterMs}`);
  requireWhole('agedEvery', agedEvery, 2);
  return { ...options, classes: classes.toSorted((a, b) => b.from - a.from) };
}

function requireWhole(name: string, value: number, minimum: number): void {
  if (!(Number.isSafeInteger(value) && value >= minimum))
    throw new RangeError(`${name} must be a whole number from ${minimum}, is ${value}`);
}

function requireDifferent(name: string, values: readonly unknown[]): void {
  if (new Set(values).size < values.length)
    throw new RangeError(`${name} must differ from class to class, is ${values.join(', ')}`);
}
