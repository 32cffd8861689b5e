/** What one processor adds to the credits of its capabilities. */
export interface CreditShare {
  credits: number;
  readonly totals: readonly Total[];
}

interface Total {
  credits: number;
  members: number;
}

/** Frames that the processors of each capability would take at once, kept up to date with every change instead of counted anew. */
export interface CreditCount {
  join(capabilities: readonly string[]): CreditShare;
  /** @param credits of the one whose share it is; below 0 counts as 0 */
  set(share: CreditShare | undefined, credits: number): void;
  withdraw(share: CreditShare | undefined): void;
  /** Frames that could go to all of these; undefined among them: to any processor. */
  ofAll(wanted: readonly (string | undefined)[]): number;
}

export function createCreditCount(): CreditCount {
  const totals = new Map<string | undefined, Total>();

  function totalOf(capability: string | undefined): Total {
    let total = totals.get(capability);
    if (!total) totals.set(capability, (total = { credits: 0, members: 0 }));
    return total;
  }

  function set(share: CreditShare | undefined, credits: number): void {
    if (!share) return;
    const change = Math.max(0, credits) - share.credits;
    if (change === 0) return;
    share.credits += change;
    for (const total of share.totals) total.credits += change;
  }

  return {
    join(capabilities) {
      const own = [undefined, ...new Set(capabilities)].map(totalOf);
      for (const total of own) total.members++;
      return { credits: 0, totals: own };
    },
    set,
    withdraw(share) {
      if (!share) return;
      set(share, 0);
      for (const total of share.totals) total.members--;
      for (const [capability, { members }] of totals) if (members === 0) totals.delete(capability);
    },
    ofAll(wanted) {
      let least = Number.POSITIVE_INFINITY;
      for (const capability of wanted) least = Math.min(least, totals.get(capability)?.credits ?? 0);
      return least;
    },
  };
}
