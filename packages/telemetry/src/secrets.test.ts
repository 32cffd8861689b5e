import fc from 'fast-check';
import { isSecretName, maskText } from './secrets.ts';

describe('maskText', () => {
  it.each([
    ['redis://user:hunter2@db:6379/0', 'redis://user:***@db:6379/0'],
    ['redis://:hunter2@db', 'redis://:***@db'],
    ['rtsp://admin:p@ss/w0rd@10.0.0.7:554/live', 'rtsp://admin:***@10.0.0.7:554/live'],
    ['redis://a:x1@h1,redis://b:x2@h2', 'redis://a:***@h1,redis://b:***@h2'],
    ['https://host:8443/path?mail=a@b', 'https://host:8443/path?mail=a@b'],
    ['rtsp://host:554', 'rtsp://host:554'],
    ['http://host/hook?token=abc123&x=1', 'http://host/hook?token=***&x=1'],
    ['password=hunter2 next', 'password=*** next'],
    ['{"api_key": "abc", "x": 1}', '{"api_key": "***", "x": 1}'],
    ["{'secret': 'a b c'}", "{'secret': '***'}"],
    ['Authorization: Bearer abc.def', 'Authorization: ***'],
    ['sent Bearer abcdefgh12345', 'sent Bearer ***'],
  ])('%s', (text, expected) => {
    expect(maskText(text)).toBe(expected);
  });

  it('leaves ordinary text alone', () => {
    const text = 'processor cam-1:motion took 12 ms, ratio=0.5, basic check passed';
    expect(maskText(text)).toBe(text);
  });

  it('hides any password in an address, whatever it is made of', () => {
    const password = fc.stringMatching(/^[A-Za-z_!$*+.~#%/-][A-Za-z0-9_!$*+.~:@#%/-]{5,40}$/);
    fc.assert(
      fc.property(password, (secret) => {
        fc.pre(!secret.includes('//'));
        expect(maskText(`could not reach redis://app:${secret}@db:6379: refused`)).toBe(
          'could not reach redis://app:***@db:6379: refused',
        );
      }),
      { seed: 1, numRuns: 300 },
    );
  });

  it('is quick with texts made to be slow', () => {
    const started = performance.now();
    maskText('://a:'.repeat(20_000));
    maskText(`password=${'"'.repeat(50_000)}`);
    maskText(`://${'a'.repeat(50_000)}:${'b'.repeat(50_000)}`);
    maskText('token '.repeat(20_000) + '=');
    expect(performance.now() - started).toBeLessThan(1000);
  });
});

describe('isSecretName', () => {
  it.each([
    'password',
    'Token',
    'client_secret',
    'authorization',
    'api_key',
    'apiKey',
    'REDIS_PASSWORD',
    'x-api-key',
  ])('%s is one', (name) => expect(isSecretName(name)).toBe(true));

  it.each(['frame_id', 'tokens_used', 'processor_id', 'queue'])('%s is none', (name) =>
    expect(isSecretName(name)).toBe(false),
  );
});
