import type { Candidate } from './processor.ts';
import type { Strategy } from './strategy.ts';

/** A candidate's mark is its last turn. */
const byTurn = (a: Candidate, b: Candidate): boolean => a.mark < b.mark;

/**
 * Really takes turns, over all capabilities: whose turn is longest ago is next. Who can't take a frame is skipped and doesn't catch up
 * afterwards, and a newcomer queues up behind all others.
 */
export function roundRobin(): Strategy {
  let turn = 0;
  const takeTurn = (candidate: Candidate): void => {
    candidate.mark = ++turn;
  };
  return {
    name: 'round_robin',
    before: byTurn,
    choose(pool, request) {
      const candidate = pool.best(request);
      return candidate && { candidate, reason: 'round_robin' };
    },
    onEnter: takeTurn,
    onReserve: takeTurn,
    score: ({ mark }) => mark,
  };
}
