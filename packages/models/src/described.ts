import * as t from 'io-ts';

/** A fragment of JSON Schema 2020-12, as OpenAPI 3.1 uses it. */
export type JsonSchema = { readonly [key: string]: unknown };

/** A codec that knows its own JSON Schema, so that the OpenAPI document needs no second copy of it. */
export class DescribedType<A, O = A> extends t.Type<A, O, unknown> {
  readonly jsonSchema: JsonSchema;
  /** The value, or undefined where the input isn't one: decoding without io-ts' record of where it was, for hot paths. */
  readonly parse: (input: unknown) => A | undefined;

  constructor(
    expected: string,
    jsonSchema: JsonSchema,
    is: t.Is<A>,
    parse: (input: unknown) => A | undefined,
    encode: (a: A) => O,
  ) {
    super(
      expected,
      is,
      (input, context) => {
        const value = parse(input);
        return value === undefined ? t.failure(input, context, expected) : t.success(value);
      },
      encode,
    );
    this.jsonSchema = jsonSchema;
    this.parse = parse;
  }
}

/** A codec that checks and changes nothing. */
export function checked<A>(
  expected: string,
  jsonSchema: JsonSchema,
  is: (input: unknown) => input is A,
): DescribedType<A> {
  return new DescribedType<A>(
    expected,
    jsonSchema,
    is,
    (input) => (is(input) ? input : undefined),
    (a) => a,
  );
}

export function text(minLength: number, maxLength: number): DescribedType<string> {
  return checked(
    `text of ${minLength} to ${maxLength} characters`,
    { type: 'string', minLength, maxLength },
    (input): input is string =>
      typeof input === 'string' && input.length >= minLength && input.length <= maxLength,
  );
}

export function integer(minimum: number, maximum: number): DescribedType<number> {
  return checked(
    `a whole number from ${minimum} to ${maximum}`,
    { type: 'integer', minimum, maximum },
    (input): input is number =>
      Number.isInteger(input) && (input as number) >= minimum && (input as number) <= maximum,
  );
}

export function pattern(expected: string, regex: RegExp): DescribedType<string> {
  return checked(
    expected,
    { type: 'string', pattern: regex.source },
    (input): input is string => typeof input === 'string' && regex.test(input),
  );
}

export function oneOf<const T extends readonly string[]>(...values: T): DescribedType<T[number]> {
  return checked(
    `one of ${values.join(', ')}`,
    { type: 'string', enum: values },
    (input): input is T[number] => typeof input === 'string' && values.includes(input),
  );
}

export const nullable = <C extends t.Mixed>(codec: C) => t.union([codec, t.null]);
