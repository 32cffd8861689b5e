import type { Safeguard } from './safeguard.ts';

const WORK_QUEUE = {
  file: 'packages/stream-consumer/src/lua/hand-off.lua',
  testFile: 'packages/stream-consumer/src/work-queue.redis.test.ts',
  stillPasses: 'hand-off moves a frame with its bytes untouched and the added fields',
} as const;

/** The move of frames from the input into work queues. */
export const HAND_OFF: readonly Safeguard[] = [
  {
    ...WORK_QUEUE,
    name: 'hand-off-gate',
    scenario: 'cut-commands',
    prevents: 'a frame that is handed off twice where a call is sent again or two orchestrators hold it',
    find: "if redis.call('XACK', KEYS[source], group, id) == 0 then",
    replace: "if redis.call('XACK', KEYS[source], group, id) < 0 then",
    noticedBy: 'hand-off hands a frame off once, however often it is asked to',
  },
  {
    ...WORK_QUEUE,
    name: 'hand-off-capacity',
    prevents: 'a queue that outgrows its capacity where several orchestrators dispatch',
    find: "place.taken >= queue.capacity and 'f'",
    replace: "place.taken < 0 and 'f'",
    noticedBy: 'hand-off never fills a queue beyond its capacity',
  },
  {
    ...WORK_QUEUE,
    name: 'hand-off-registered',
    prevents: 'frames in the queue of a processor that has left, behind the back of whoever takes it back',
    find: "local present = redis.call('HEXISTS', registry, target[1]) == 1",
    replace: 'local present = true',
    noticedBy: 'hand-off gives nothing to a processor that has left the registry',
  },
  {
    ...WORK_QUEUE,
    name: 'hand-off-all-or-none',
    prevents: 'a frame that reaches only some of the capabilities that it asks for, or one of them twice',
    find: '    if refusal then\n      release(at, c - 1)\n      return refusal\n    end\n    place.taken = place.taken + 1',
    replace: '    if refusal and c == 1 then return refusal end\n    place.taken = place.taken + 1',
    noticedBy: 'hand-off sends all copies of a frame, or none',
  },
  {
    ...WORK_QUEUE,
    name: 'hand-off-ledger',
    scenario: 'kill-processor',
    prevents: 'books that do not balance while frames are moved',
    find: "  redis.call('HINCRBY', ledger, 'acknowledged', acknowledged)",
    replace: '',
    noticedBy: 'hand-off hands a frame off once, however often it is asked to',
  },
  {
    ...WORK_QUEUE,
    name: 'hand-off-checks',
    prevents: 'half a hand-off, which Redis does not roll back, where a key is of a wrong type',
    find: "require_type('hash', ledger, registry)",
    replace: '',
    testFile: 'packages/stream-consumer/src/nothing-or-everything.redis.test.ts',
    noticedBy: 'a key of a wrong type makes hand-off change nothing: ledger',
    stillPasses: 'a key of a wrong type makes completion change nothing: ledger',
  },
];
