import { findCompose } from './compose.ts';

describe('findCompose', () => {
  it('takes the first command that is there', async () => {
    const node = [process.execPath, '--eval', ''] as const;
    expect(await findCompose([['no-such-compose'], [...node], ['no-other']])).toEqual(node);
  });

  it('finds none where there is none', async () => {
    expect(await findCompose([['no-such-compose'], ['false']])).toBeUndefined();
  });
});
