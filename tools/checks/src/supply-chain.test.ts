/** What comes from elsewhere is pinned, kept up to date, and may do no more than it must. */
import { globSync, readFileSync } from 'node:fs';

const ROOT = new URL('../../../', import.meta.url);
const read = (file: string): string => readFileSync(new URL(file, ROOT), 'utf8');
const filesOf = (pattern: string): string[] => globSync(pattern, { cwd: ROOT }).toSorted();
const every = (pattern: RegExp, text: string): string[] =>
  [...text.matchAll(pattern)].map(([, one = '']) => one);

/** Nothing else may write: for the provenance of what is published. */
const MAY_WRITE: Readonly<Record<string, readonly string[]>> = {
  '.github/workflows/release.yml': ['id-token'],
};

describe.each(filesOf('.github/workflows/*.yml'))('%s', (file) => {
  const text = read(file);

  it('uses actions by their hash, with the version beside it', () => {
    const uses = every(/^\s*(?:- )?uses: (.*)$/gm, text);
    expect(uses.length).toBeGreaterThan(0);
    expect(uses.filter((action) => !/^[\w-]+\/[\w/-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+$/.test(action))).toEqual(
      [],
    );
  });

  it('may read, and write only what is listed here', () => {
    expect(text).toMatch(/^permissions:\n {2}contents: read\n(?! )/m);
    expect(every(/^ +([\w-]+): write\b/gm, text)).toEqual(MAY_WRITE[file] ?? []);
    expect(text).not.toMatch(/write-all|pull_request_target/);
  });

  it('leaves no credentials in the checkout, and ends', () => {
    expect(every(/(actions\/checkout@)/g, text)).toHaveLength(
      every(/(persist-credentials: false)/g, text).length,
    );
    expect(every(/(runs-on:)/g, text)).toHaveLength(every(/(timeout-minutes:)/g, text).length);
  });
});

describe('images', () => {
  it('have one base, named once, where Dependabot finds it', () => {
    const bases = every(/^FROM (.*)$/gm, read('docker/Dockerfile'));
    const stages = new Set(bases.map((base) => base.split(' AS ')[1]));
    const foreign = bases.map((base) => base.split(' AS ')[0] ?? '').filter((name) => !stages.has(name));
    expect(foreign).toEqual([
      expect.stringMatching(/^node:\d+(\.\d+)*-bookworm-slim(@sha256:[0-9a-f]{64})?$/),
    ]);
  });

  it.each(filesOf('docker/compose*.yaml'))('of %s are of some version, never the latest', (file) => {
    const images = every(/^\s*image: (.*)$/gm, read(file)).filter(
      (image) => !image.startsWith('frame-buffer/'),
    );
    expect(images.filter((image) => !/:v?\d[\w.-]*(@sha256:[0-9a-f]{64})?$/.test(image))).toEqual([]);
  });
});

it('Dependabot raises packages, actions, the base of the images and the images of the stacks', () => {
  expect(every(/^ {2}- package-ecosystem: (.*)$/gm, read('.github/dependabot.yml')).toSorted()).toEqual([
    'docker',
    'docker-compose',
    'github-actions',
    'npm',
  ]);
});
