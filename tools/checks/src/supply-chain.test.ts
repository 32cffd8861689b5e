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
  const { node } = (JSON.parse(read('package.json')) as { devDependencies: { node: string } })
    .devDependencies;

  it('have one base, named once: the Node of this repository, by its content', () => {
    const dockerfile = read('docker/Dockerfile');
    const bases = every(/^FROM (.*)$/gm, dockerfile);
    const stages = new Set(bases.map((base) => base.split(' AS ')[1]));
    const foreign = bases.map((base) => base.split(' AS ')[0] ?? '').filter((name) => !stages.has(name));
    expect(foreign).toEqual(['${NODE_IMAGE}']);
    expect(every(/^ARG NODE_IMAGE=(.*)$/gm, dockerfile).map((image) => baseFault(image, node))).toEqual([
      'none',
    ]);
  });

  it('are built by the stacks from the same Node, by its tag', () => {
    const named = filesOf('docker/compose*.yaml').flatMap((file) =>
      every(/\$\{NODE_IMAGE:-([^}]*)\}/g, read(file)),
    );
    expect(named.length).toBeGreaterThan(0);
    expect(new Set(named)).toEqual(new Set([`node:${node.split('.')[0]}-bookworm-slim`]));
    const builds = filesOf('docker/compose*.yaml').flatMap((file) =>
      every(/^ *build: (.*context.*)$/gm, read(file)),
    );
    expect(builds.length).toBeGreaterThan(0);
    expect(builds.filter((build) => !build.includes('args: *base'))).toEqual([]);
  });

  it.each(filesOf('docker/compose*.yaml'))('of %s are of some version, never the latest', (file) => {
    const images = every(/^\s*image: (.*)$/gm, read(file)).filter(
      (image) => !image.startsWith('frame-buffer/'),
    );
    expect(images.filter((image) => !/:v?\d[\w.-]*(@sha256:[0-9a-f]{64})?$/.test(image))).toEqual([]);
  });
});

/** @returns what to write into the Dockerfile, and the command that tells it */
function baseFault(image: string, node: string): string {
  const tag = `node:${node}-bookworm-slim`;
  const [name, digest = ''] = image.split('@');
  return name === tag && /^sha256:[0-9a-f]{64}$/.test(digest)
    ? 'none'
    : `NODE_IMAGE in docker/Dockerfile is ${image}, and has to be ${tag}@ with the digest that this tells: ` +
        `docker buildx imagetools inspect ${tag} --format '{{.Manifest.Digest}}'`;
}

it('Dependabot raises packages, actions and the images of the stacks', () => {
  expect(every(/^ {2}- package-ecosystem: (.*)$/gm, read('.github/dependabot.yml')).toSorted()).toEqual([
    'docker-compose',
    'github-actions',
    'npm',
  ]);
});
