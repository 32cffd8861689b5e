import { readRedisUrl } from './redis-settings.ts';

export type Environment = Readonly<Record<string, string | undefined>>;

/** Reads settings from environment variables and collects every fault, so that all of them are reported at once. */
export interface Settings {
  /** undefined where it isn't set, or only spaces. */
  text(name: string): string | undefined;
  /** As text, but checked; the fault says what was expected. */
  matching(name: string, expected: string, is: (value: string) => boolean): string | undefined;
  number(
    name: string,
    fallback: number,
    bounds: { minimum: number; maximum: number; whole?: boolean },
  ): number;
  /** One of the values; upper case and hyphens are forgiven. */
  choice<T extends string>(name: string, fallback: T, values: readonly T[]): T;
  flag(name: string, fallback: boolean): boolean;
  /** @param protocols such as `http:` */
  address(name: string, protocols: readonly string[]): string | undefined;
  /** `REDIS_URL`, or what `REDIS_SENTINELS`, `REDIS_CLUSTER_NODES` or `REDIS_HOST` and `REDIS_PORT` come to; see `RedisAddress`. */
  redisUrl(): string;
  /** Name, value and what was expected, a line each. Values that may be secret are not shown. */
  faults(): readonly string[];
}

const SECRET = /PASSWORD|TOKEN|SECRET|URL|ENDPOINT/;

export function readSettings(env: Environment): Settings {
  const faults: string[] = [];

  const fault = (name: string, expected: string): undefined => {
    faults.push(
      `${name}: expected ${expected}, found ${SECRET.test(name) ? 'something else' : JSON.stringify(env[name])}`,
    );
    return undefined;
  };
  const text = (name: string): string | undefined => env[name]?.trim() || undefined;
  const matching: Settings['matching'] = (name, expected, is) => {
    const given = text(name);
    return given === undefined || is(given) ? given : fault(name, expected);
  };
  const number: Settings['number'] = (name, fallback, { minimum, maximum, whole = true }) => {
    const is = (given: string): boolean =>
      Number(given) >= minimum && Number(given) <= maximum && (!whole || Number.isInteger(Number(given)));
    const given = matching(name, `a ${whole ? 'whole ' : ''}number from ${minimum} to ${maximum}`, is);
    return given === undefined ? fallback : Number(given);
  };
  const choice: Settings['choice'] = (name, fallback, values) => {
    const given = text(name)?.toLowerCase().replaceAll('-', '_');
    if (given === undefined) return fallback;
    const found = values.find((value) => value === given);
    return found ?? fault(name, `one of ${values.join(', ')}`) ?? fallback;
  };
  const address: Settings['address'] = (name, protocols) => {
    const expected = `an address that starts with ${protocols.map((protocol) => `${protocol}//`).join(' or ')}`;
    return matching(
      name,
      expected,
      (given) => URL.canParse(given) && protocols.includes(new URL(given).protocol),
    );
  };

  return {
    text,
    matching,
    number,
    choice,
    address,
    flag: (name, fallback) => choice(name, fallback ? 'true' : 'false', ['true', 'false']) === 'true',
    redisUrl: () => readRedisUrl({ text, matching, number }),
    faults: () => faults,
  };
}
