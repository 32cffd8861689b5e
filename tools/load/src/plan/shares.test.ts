import { parseShares, picker } from './shares.ts';

const isWord = (name: string): boolean => /^[a-z_]+$/.test(name);

describe('parseShares', () => {
  it('reads names with their shares', () => {
    expect(parseShares('faces=3,plates=0.5', isWord)).toEqual([
      ['faces', 3],
      ['plates', 0.5],
    ]);
  });

  it('gives a name alone the share 1', () => {
    expect(parseShares('faces, plates', isWord)).toEqual([
      ['faces', 1],
      ['plates', 1],
    ]);
  });

  it.each(['', 'faces=', 'faces=0', 'faces=-1', 'faces=x', 'Faces=1', 'faces=1,faces=2', 'faces=1,,', '=3'])(
    'refuses %j',
    (text) => expect(parseShares(text, isWord)).toBeUndefined(),
  );
});

describe('picker', () => {
  const GOLDEN = (Math.sqrt(5) - 1) / 2;

  it('keeps the shares over any stretch', () => {
    const pick = picker(
      [
        ['a', 3],
        ['b', 1],
      ],
      GOLDEN,
    );
    for (const from of [0, 17, 100_000]) {
      const names = Array.from({ length: 400 }, (_none, i) => pick(from + i));
      const share = names.filter((name) => name === 'a').length / 400;
      expect(share).toBeCloseTo(0.75, 1.5);
    }
  });

  it('keeps them for every sixteenth number too', () => {
    const pick = picker(
      [
        ['a', 3],
        ['b', 1],
      ],
      GOLDEN,
    );
    for (let camera = 0; camera < 16; camera++) {
      const names = Array.from({ length: 400 }, (_none, i) => pick(camera + 16 * i));
      expect(names.filter((name) => name === 'a').length / 400).toBeCloseTo(0.75, 1);
    }
  });
});
