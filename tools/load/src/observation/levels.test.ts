import { addLevel, highest, levelIn, type LevelSpan } from './levels.ts';

describe('levels', () => {
  it('are read from metrics', () => {
    const text = (value: string): string =>
      `# TYPE frame_buffer_backpressure_level gauge\nframe_buffer_backpressure_level ${value}\nother 2\n`;
    expect(levelIn(text('0'))).toBe('normal');
    expect(levelIn(text('2'))).toBe('high');
    expect(levelIn(text('NaN'))).toBe('unknown');
    expect(levelIn('')).toBe('unknown');
  });

  it('of several orchestrators are the highest that is known', () => {
    expect(highest(['normal', 'high', 'unknown', 'moderate'])).toBe('high');
    expect(highest(['unknown'])).toBe('unknown');
    expect(highest([])).toBe('unknown');
  });

  it('become spans', () => {
    const spans: LevelSpan[] = [];
    (['normal', 'normal', 'high', 'high', 'normal'] as const).forEach((level, i) =>
      addLevel(spans, level, i),
    );
    expect(spans).toEqual([
      { atSeconds: 0, level: 'normal' },
      { atSeconds: 2, level: 'high' },
      { atSeconds: 4, level: 'normal' },
    ]);
  });
});
