import { missingEngine } from './docker.ts';

describe('missingEngine', () => {
  it('says in one sentence that there is no docker command', async () => {
    expect(await missingEngine('no-such-docker')).toBe(
      'These tests need a Docker engine, and there is no no-such-docker command on the PATH.',
    );
  });

  it('tells a command that fails from one that is missing', async () => {
    expect(await missingEngine('false')).toContain('no engine answers');
  });
});
