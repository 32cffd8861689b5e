import { checked, DescribedType } from '@frame-buffer/models';
import * as t from 'io-ts';

/** A whole number as it stands in a query. */
export function wholeNumber(minimum: number, maximum: number): DescribedType<number, string> {
  return new DescribedType<number, string>(
    `a whole number from ${minimum} to ${maximum}`,
    { type: 'integer', minimum, maximum },
    t.number.is,
    (input) => {
      const number = typeof input === 'string' && /^\d{1,9}$/.test(input) ? Number(input) : Number.NaN;
      return number >= minimum && number <= maximum ? number : undefined;
    },
    String,
  );
}

/** A list that is neither too short nor too long. */
export function listOf<C extends DescribedType<string>>(item: C, minItems: number, maxItems: number) {
  return checked(
    `a list of ${minItems} to ${maxItems}, each ${item.name}`,
    { type: 'array', items: item.jsonSchema, minItems, maxItems },
    (input): input is t.TypeOf<C>[] =>
      Array.isArray(input) && input.length >= minItems && input.length <= maxItems && input.every(item.is),
  );
}
