import { maskerOf, secretsIn } from './known-secrets.ts';

const ENVIRONMENT = {
  PATH: '/usr/bin:/bin',
  LOG_LEVEL: 'info',
  REDIS_URL: 'redis://app:p%40ssw0rd@db:6379/0',
  REDIS_SENTINELS: 'a:26379,b:26379',
  OTHER_URL: 'redis-sentinel://a:1,b:2/mymaster?sentinel_password=sentinel-secret',
  API_TOKEN: 'tok-4711-abc',
  OTEL_EXPORTER_OTLP_HEADERS: 'x-honeycomb-team=hc-key-0815,authorization=Bearer%20bearer-key-1',
};

describe('the secrets of an environment', () => {
  it('are its tokens, the passwords of its addresses and its headers', () => {
    expect(secretsIn(ENVIRONMENT).toSorted()).toEqual(
      [
        'tok-4711-abc',
        'p%40ssw0rd',
        'p@ssw0rd',
        'sentinel-secret',
        'hc-key-0815',
        'Bearer bearer-key-1',
        'bearer-key-1',
      ].toSorted(),
    );
  });

  it('leave out what is too short to be told from an ordinary word', () => {
    expect(secretsIn({ API_TOKEN: 'abc', REDIS_PASSWORD: '' })).toEqual([]);
  });

  it('are masked wherever they stand', () => {
    const mask = maskerOf(secretsIn(ENVIRONMENT));
    expect(mask('refused tok-4711-abc at p@ssw0rd, sent hc-key-0815 and bearer-key-1')).toBe(
      'refused *** at ***, sent *** and ***',
    );
    expect(mask('nothing to hide, but redis://u:short@h')).toBe('nothing to hide, but redis://u:***@h');
  });

  it('are masked whole where one is part of another', () => {
    expect(maskerOf(secretsIn({ A_TOKEN: 'abcdef', B_TOKEN: 'abcdefghi' }))('sent abcdefghi')).toBe(
      'sent ***',
    );
  });
});
