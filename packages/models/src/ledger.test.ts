import { accountedFor, inFlight } from './ledger.ts';

const books = {
  captured: 100,
  fanout: 10,
  unread: 1,
  pendingInput: 2,
  waitingRetry: 4,
  outstanding: 8,
  completed: 16,
  deadLettered: 32,
  shed: 64,
  lostUpstream: 128,
};

describe('the books', () => {
  it('account for every place that a frame can be in, once', () => {
    expect(accountedFor(books)).toBe(255);
  });

  it('hold as in flight what is neither finished nor lost', () => {
    expect(inFlight(books)).toBe(15);
  });
});
