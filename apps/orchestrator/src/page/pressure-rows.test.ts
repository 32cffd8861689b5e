import { CRITICAL, NORMAL } from '@frame-buffer/backpressure';
import { pressureRows } from './pressure-rows.ts';

it('shows the worst capability first, and says why it is the worst', () => {
  const shown = pressureRows({
    level: () => CRITICAL,
    pools: () => [
      { capability: 'b', level: 'normal', cause: 'fill' },
      { capability: 'a', level: 'normal', cause: null },
      { capability: 'detect', level: 'critical', cause: 'wait' },
    ],
  });
  expect(shown).toEqual({
    level: 'critical',
    cause: 'detect: its frames wait too long.',
    pools: [
      { capability: 'detect', level: 'critical', cause: 'its frames wait too long' },
      { capability: 'a', level: 'normal', cause: null },
      { capability: 'b', level: 'normal', cause: 'its queues and its waiting room fill up' },
    ],
  });
});

it('has nothing to explain while it is normal, or where nobody is registered', () => {
  const pools = () => [{ capability: 'a', level: 'normal' as const, cause: 'fill' }];
  expect(pressureRows({ level: () => NORMAL, pools }).cause).toBeNull();
  expect(pressureRows({ level: () => NORMAL, pools: () => [] })).toEqual({
    level: 'normal',
    cause: null,
    pools: [],
  });
});
