import type { TripRule, TripRuleFactory } from './trip-rule.ts';

/** Opens as soon as one of the rules says so; all of them hear every result. Counts are those of the first. */
export function anyRule(first: TripRuleFactory, ...others: TripRuleFactory[]): TripRuleFactory {
  return (clock) => {
    const main = first(clock);
    const rules: readonly TripRule[] = [main, ...others.map((make) => make(clock))];
    return {
      record(failed, slow) {
        let trips = false;
        for (let i = 0; i < rules.length; i++) {
          if ((rules[i] as TripRule).record(failed, slow)) trips = true;
        }
        return trips;
      },
      counts: () => main.counts(),
      reset() {
        for (const rule of rules) rule.reset();
      },
    };
  };
}
