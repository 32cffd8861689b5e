import { matches, pathWithoutPackages } from './packages.mjs';

const entry = { version: '1.0.0', integrity: 'sha512-a' };

describe('matches', () => {
  it('holds where every package is there in its version', () => {
    expect(matches({ '': {}, 'node_modules/a': entry }, { 'node_modules/a': entry })).toBe(true);
  });

  it('does not hold where a package is missing', () => {
    expect(matches({ 'node_modules/a': entry }, {})).toBe(false);
  });

  it('does not hold where a package is another one under the same version', () => {
    const other = { version: '1.0.0', integrity: 'sha512-b' };
    expect(matches({ 'node_modules/a': entry }, { 'node_modules/a': other })).toBe(false);
  });

  it('does not ask for optional packages: they may be for another system', () => {
    expect(matches({ 'node_modules/a': { ...entry, optional: true } }, {})).toBe(true);
  });

  it('does not look for the workspaces themselves', () => {
    expect(matches({ 'packages/router': { version: '0.1.0' } }, {})).toBe(true);
  });
});

describe('pathWithoutPackages', () => {
  it('drops the folders that npm puts in front', () => {
    expect(pathWithoutPackages('/repo/node_modules/.bin:/node_modules/.bin:/usr/bin')).toBe('/usr/bin');
  });
});
