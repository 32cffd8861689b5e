import { readFileSync } from 'node:fs';
import { SAFEGUARDS } from './safeguards.ts';
import { replaceOnce } from './sandbox.ts';

const read = (file: string): string => readFileSync(new URL(`../../../../${file}`, import.meta.url), 'utf8');
const page = (file: string): string => read(file).replaceAll(/ +/g, ' ');
const PAGE = page('tools/chaos/SAFEGUARDS.md');
const SUITE = page('tools/chaos/README.md');

describe.each(SAFEGUARDS.map((safeguard) => [safeguard.name, safeguard] as const))(
  'the safeguard %s',
  (name, safeguard) => {
    it('stands in its file', () => {
      const { file, find, replace } = safeguard;
      expect(replaceOnce(read(file), find, replace)).not.toContain(find);
    });

    it('is listed on the page, with the test that notices its removal', () => {
      const { prevents, noticedBy, testFile } = safeguard;
      const source = `\`${testFile.split('/').at(-1)}\``;
      expect(PAGE).toContain(`| \`${name}\` | ${prevents} | ${source}: _${noticedBy}_ |`);
    });
  },
);

it.each(SAFEGUARDS.flatMap(({ name, scenario }) => (scenario ? [[name, scenario]] : [])))(
  '%s is listed with its scenario, %s, which exists',
  (name, scenario) => {
    expect(PAGE).toContain(`| \`${name}\` | \`${scenario}\` |`);
    expect(SUITE).toContain(`| \`${scenario}\` |`);
  },
);

it('has a name of its own', () => {
  expect(new Set(SAFEGUARDS.map(({ name }) => name)).size).toBe(SAFEGUARDS.length);
});

describe('a replacement', () => {
  it.each([
    ['is refused where the text is missing', 'a b', 'c'],
    ['is refused where the text is there twice', 'a a', 'a'],
  ])('%s', (_what, text, find) => {
    expect(() => replaceOnce(text, find, 'x')).toThrow('not once');
  });

  it('takes the new text as it is', () => {
    expect(replaceOnce('a b', 'a', '$&')).toBe('$& b');
  });
});
