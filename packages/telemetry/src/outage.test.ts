import { createOutage } from './outage.ts';

function watched() {
  let nowMs = 5_000;
  const lines: string[] = [];
  const at = (level: string) => (message: string) => void lines.push(`${level} ${message}`);
  const logger = { info: at('info'), warn: at('warn') };
  const outage = createOutage({ logger, what: 'Redis at db:6379', clock: () => nowMs });
  return { outage, lines, pass: (ms: number) => void (nowMs += ms) };
}

const refused = new Error('connect ECONNREFUSED');

it('says once that it is away, however many connections meet it, and once that it is back', () => {
  const { outage, lines, pass } = watched();
  for (let i = 0; i < 100; i++) outage.failed(refused);
  pass(12_340);
  for (let i = 0; i < 3; i++) outage.works();
  expect(lines).toEqual([
    'warn Redis at db:6379 is out of reach, trying again until it is back: connect ECONNREFUSED',
    'info Redis at db:6379 is back after 12.3 s',
  ]);
});

it('says now and then that it is still away', () => {
  const { outage, lines, pass } = watched();
  for (let i = 0; i < 70; i++) {
    outage.failed(refused);
    pass(1_000);
  }
  expect(lines.slice(1)).toEqual([
    'warn Redis at db:6379 is still out of reach, after 30.0 s: connect ECONNREFUSED',
    'warn Redis at db:6379 is still out of reach, after 60.0 s: connect ECONNREFUSED',
  ]);
});

it('says of a second outage the same as of the first', () => {
  const { outage, lines } = watched();
  outage.works();
  for (let i = 0; i < 2; i++) {
    outage.failed(refused);
    outage.works();
  }
  expect(lines).toHaveLength(4);
});

it('names the code of an error without words', () => {
  const { outage, lines } = watched();
  outage.failed(Object.assign(new Error(''), { code: 'ECONNREFUSED' }));
  expect(lines[0]).toContain(': ECONNREFUSED');
});
