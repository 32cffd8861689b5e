import { EventEmitter } from 'node:events';
import { onInterrupt } from './interrupts.ts';

function timeline() {
  const source = new EventEmitter();
  const counts: number[] = [];
  let nowMs = 0;
  const dispose = onInterrupt((count) => counts.push(count), { source, clock: () => nowMs });
  return {
    counts,
    dispose,
    at(ms: number, signal: NodeJS.Signals) {
      nowMs = ms;
      source.emit(signal);
    },
    listeners: () => source.eventNames().length,
  };
}

describe('onInterrupt', () => {
  it('counts signals that come one after the other', () => {
    const { at, counts } = timeline();
    at(0, 'SIGINT');
    at(2_000, 'SIGINT');
    at(4_000, 'SIGTERM');
    expect(counts).toEqual([1, 2, 3]);
  });

  it('counts one Ctrl-C once that arrives from the terminal and through npm', () => {
    const { at, counts } = timeline();
    at(0, 'SIGINT');
    at(3, 'SIGINT');
    at(40, 'SIGTERM');
    expect(counts).toEqual([1]);
  });

  it('stops listening', () => {
    const { dispose, listeners } = timeline();
    dispose();
    expect(listeners()).toBe(0);
  });
});
