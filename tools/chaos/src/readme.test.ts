import { readFileSync } from 'node:fs';
import { SCENARIOS } from './scenarios.ts';

const README = readFileSync(new URL('../README.md', import.meta.url), 'utf8');

describe('README.md', () => {
  it.each(SCENARIOS.map(({ name, about }) => [name, about]))('lists %s', (name, about) => {
    expect(README.replaceAll(/ +/g, ' ')).toContain(`| \`${name}\` | ${about} |`);
  });
});
