import { ANY_PROCESSOR } from '../any-processor.ts';
import { idleReason, type IdleFacts } from './idle-reason.ts';

const BUSY: IdleFacts = {
  state: 'active',
  alive: true,
  unhealthy: false,
  breaker: 'closed',
  outstanding: 0,
  capacity: 4,
  capabilities: ['detect'],
  asked: new Set(['detect']),
  paused: false,
};

it.each<[string | null, Partial<IdleFacts>]>([
  [null, {}],
  [null, { asked: new Set([ANY_PROCESSOR]) }],
  ['no frame asks for detect', { asked: new Set(['any']) }],
  [null, { outstanding: 2, paused: true }],
  ['its heartbeat is missing', { alive: false }],
  ['draining: 2 to finish', { state: 'draining', outstanding: 2 }],
  ['drained; restore it to use it again', { state: 'draining' }],
  ['isolated; restore it to use it again', { state: 'isolated' }],
  ['its health probes fail', { unhealthy: true, breaker: 'open' }],
  ['its breaker is open after failures', { breaker: 'open' }],
  ['its breaker was opened by hand', { breaker: 'isolated' }],
  ['at capacity: 4 of 4 outstanding', { outstanding: 4 }],
  ['reading is paused', { paused: true }],
  ['no frame asks for detect', { asked: new Set(['read']) }],
])('says %j', (reason, facts) => {
  expect(idleReason({ ...BUSY, ...facts })).toBe(reason);
});
