import { CameraHomes } from './camera-homes.ts';
import type { Candidate } from './processor.ts';

const candidateOf = (slot: number): Candidate => ({
  processor: { id: `p${slot}`, capabilities: [], capacity: 1 },
  constrained: false,
  availability: 'available',
  outstanding: 0,
  load: 0,
  warmth: 1,
  tie: 0,
  mark: 0,
  slot,
  pools: [],
});

const [a, b] = [candidateOf(0), candidateOf(1)];

/** A camera that has just sent so many frames. */
function sent(homes: CameraHomes, cameraId: string, frames: number, candidate = a): void {
  const home = homes.get(cameraId) ?? homes.settle(cameraId, candidate, 0);
  for (let i = 0; i < frames; i++) homes.count(home);
}

/** Frames of late that a processor is asked for, as they count now. */
const asked = (homes: CameraHomes, candidate: Candidate): number =>
  (homes.hostOf(candidate)?.demand ?? 0) / homes.unit;

describe('the demand of cameras', () => {
  it('is what they sent of late', () => {
    const homes = new CameraHomes(10);
    sent(homes, 'c', 3);
    sent(homes, 'd', 4);
    expect([asked(homes, a), homes.demand]).toEqual([7, 7]);
  });

  it('fades: to a half after 7 s, to nearly nothing after a minute', () => {
    const homes = new CameraHomes(10);
    homes.advance(0);
    sent(homes, 'c', 100);
    homes.advance(6_931);
    expect(asked(homes, a)).toBeCloseTo(50, 1);
    homes.advance(60_000);
    expect(asked(homes, a)).toBeLessThan(1);
  });

  it('moves along with a camera', () => {
    const homes = new CameraHomes(10);
    sent(homes, 'c', 3);
    sent(homes, 'd', 4);
    sent(homes, 'e', 5, b);
    homes.settle('c', b, 0);
    expect([asked(homes, a), asked(homes, b), homes.demand]).toEqual([4, 8, 12]);
  });

  it('is gone with a camera that is forgotten', () => {
    const homes = new CameraHomes(2);
    sent(homes, 'c', 3);
    sent(homes, 'd', 4);
    sent(homes, 'c', 1);
    sent(homes, 'e', 5, b);
    expect([homes.get('d'), homes.size, asked(homes, a), homes.demand]).toEqual([undefined, 2, 4, 9]);
  });

  it('is none where a processor has no cameras left', () => {
    const homes = new CameraHomes(10);
    sent(homes, 'c', 3);
    homes.settle('c', b, 0);
    expect(homes.hostOf(a)).toBeUndefined();
  });

  it('stays a number however long it goes on', () => {
    const homes = new CameraHomes(10);
    for (let nowMs = 0; nowMs < 1e8; nowMs += 10_000) {
      homes.advance(nowMs);
      sent(homes, 'c', 1);
    }
    expect(asked(homes, a)).toBeCloseTo(1 / (1 - Math.exp(-1)), 6);
  });

  it.each([[-1e12], [Number.NaN]])('stands still while the clock says %d', (strangeMs) => {
    const homes = new CameraHomes(10);
    homes.advance(0);
    sent(homes, 'c', 3);
    homes.advance(strangeMs);
    sent(homes, 'c', 1);
    expect(asked(homes, a)).toBe(4);
  });

  it('fades on after the clock stepped back', () => {
    const homes = new CameraHomes(10);
    homes.advance(1e9);
    sent(homes, 'c', 100);
    homes.advance(0);
    homes.advance(6_931);
    expect(asked(homes, a)).toBeCloseTo(50, 1);
  });
});
