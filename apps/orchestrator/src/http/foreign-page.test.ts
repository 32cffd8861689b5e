import { fromForeignPage } from './foreign-page.ts';

const host = '127.0.0.1:8002';

describe('a request', () => {
  it.each([
    ['of a program', { host }],
    ['of our page', { host, 'sec-fetch-site': 'same-origin', origin: `http://${host}` }],
    [
      'of our page behind a proxy that changes the host',
      { host, 'sec-fetch-site': 'same-origin', origin: 'https://frames.example' },
    ],
    ['typed into the address bar', { host, 'sec-fetch-site': 'none' }],
    ['of our page, in a browser that only tells the origin', { host, origin: `http://${host}` }],
  ])('%s is not of a foreign page', (_who, headers) => {
    expect(fromForeignPage(headers)).toBe(false);
  });

  it.each([
    ['another site', { host, 'sec-fetch-site': 'cross-site', origin: 'https://elsewhere.example' }],
    [
      'another port of this machine',
      { host, 'sec-fetch-site': 'same-site', origin: 'http://127.0.0.1:3000' },
    ],
    ['another origin, in a browser that only tells the origin', { host, origin: 'http://192.168.0.9:8002' }],
    ['a file', { host, origin: 'null' }],
  ])('of %s is of a foreign page', (_who, headers) => {
    expect(fromForeignPage(headers)).toBe(true);
  });
});
