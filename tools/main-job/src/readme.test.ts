/** What the README claims must be there. */
import { existsSync, globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('../../../', import.meta.url));
const readme = readFileSync(join(ROOT, 'README.md'), 'utf8');

describe("the README's guarantees", () => {
  const rows = [...readme.matchAll(/^\| (.+?) +\| `([\w.-]+\.test\.ts)`: (.+?) +\|$/gm)];
  const scenarios = readFileSync(join(ROOT, 'tools/chaos/src/scenarios.ts'), 'utf8');
  const random = /^random-[1-5]$/;

  it('are there', () => expect(rows.length).toBeGreaterThanOrEqual(8));

  it.each(rows.map(([, guarantee, file, names]) => [guarantee, file, names]))(
    '%s',
    (_guarantee, file, names) => {
      const [path] = globSync(`{packages,apps,tools}/*/src/${file}`, { cwd: ROOT });
      const source = readFileSync(join(ROOT, path ?? `no ${file}`), 'utf8');
      const [tests = '', ...named] = (names ?? '').split(/; scenario /);
      for (const scenario of named.map((name) => name.replaceAll('`', '')))
        expect(random.test(scenario) || scenarios.includes(`name: '${scenario}'`)).toBe(true);
      for (const name of tests.split(/_, _/)) expect(source).toContain(name.replace(/^_|_$/g, ''));
    },
  );
});

it("the README's links lead somewhere", () => {
  const links = [...readme.matchAll(/\]\((?!https?:)([^)#]+)\)/g)].map(([, link]) => link ?? '');
  expect(links.length).toBeGreaterThan(10);
  expect(links.filter((link) => !existsSync(join(ROOT, link)))).toEqual([]);
});

it("the README's commands are there", () => {
  const { scripts } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as {
    scripts: Record<string, string>;
  };
  const named = [...readme.matchAll(/npm (?:run )?([a-z-]+)(?=[ `\n])/g)].map(([, name]) => name ?? '');
  expect(named.filter((name) => !(name in scripts) && name !== 'install')).toEqual([]);
});
