import { timeSpan, wholeNumber } from './option-values.ts';

describe('a whole number', () => {
  const read = wholeNumber(0, 20);
  it.each([
    ['0', 0],
    ['20', 20],
  ])('takes %s', (text, number) => expect(read(text)).toBe(number));
  it.each(['', '-1', '21', '2.5', 'many'])('refuses "%s" and says what it expects', (text) =>
    expect(() => read(text)).toThrow('Expected a whole number from 0 to 20.'),
  );
});

describe('a time', () => {
  const read = timeSpan('20s, 5m');
  it('is read in ms', () => expect(read('1.5s')).toBe(1_500));
  it.each(['', '0', 'soon', '-5s'])('refuses "%s" and says what it expects', (text) =>
    expect(() => read(text)).toThrow('Expected a time such as 20s, 5m.'),
  );
});
