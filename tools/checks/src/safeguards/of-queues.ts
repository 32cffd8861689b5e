import type { Safeguard } from './safeguard.ts';

const FINISHING = {
  testFile: 'packages/stream-consumer/src/completion.redis.test.ts',
} as const;
const RECLAIM = {
  file: 'packages/stream-consumer/src/lua/reclaim.lua',
  testFile: 'packages/stream-consumer/src/work-queue.redis.test.ts',
  noticedBy:
    'a queue that is taken back returns pending frames as another attempt and unread ones as they came',
  stillPasses: 'hand-off moves a frame with its bytes untouched and the added fields',
} as const;

/** Finishing the frames of a work queue, and taking it back. */
export const QUEUES: readonly Safeguard[] = [
  {
    name: 'completion-fence',
    scenario: 'pause-processor',
    prevents: 'a second result of a processor that was declared dead and comes back',
    file: 'packages/stream-consumer/src/lua/complete.lua',
    find: '  if answers[i] == 1 then\n    redis.call(',
    replace: '  if true then\n    answers[i] = 1\n    redis.call(',
    testFile: 'packages/stream-consumer/src/work-queue.redis.test.ts',
    noticedBy: 'completion refuses the result of a frame that was taken back',
    stillPasses: 'completion publishes one result for each frame and clears the queue',
  },
  {
    ...FINISHING,
    name: 'completion-sent-again',
    prevents: 'a result that counts as refused though it was published, where the answer was lost',
    file: 'packages/stream-consumer/src/lua/complete.lua',
    find: 'local fenced = recognise()',
    replace: 'local fenced = #refused',
    noticedBy: 'a completion that is sent again is answered as before, also together with what is refused',
    stillPasses: 'a completion with another result for a frame that has one is refused',
  },
  {
    ...FINISHING,
    name: 'giving-back-fence',
    prevents: 'a frame that is tried twice at once, by a processor that gave it back too late',
    file: 'packages/stream-consumer/src/lua/give-back.lua',
    find: "if redis.call('XACK', queue, request.group, request.id) == 0 then return 0 end",
    replace:
      "if redis.call('XACK', queue, request.group, request.id) == 0 then record = record or { 'frame_id', 'f' } end",
    noticedBy: 'giving back changes nothing for a frame that was taken back meanwhile, or given back before',
    stillPasses: 'a completion with another result for a frame that has one is refused',
  },
  {
    ...RECLAIM,
    name: 'reclaim-unread',
    scenario: 'kill-processor',
    prevents: 'the loss of what a dead processor had not read yet',
    find: '    elseif is_after(id, last_delivered) then',
    replace: '    elseif false then',
  },
  {
    ...RECLAIM,
    name: 'reclaim-pending',
    scenario: 'kill-processor',
    prevents: 'the loss of what a dead processor had in process',
    find: '    if pending[id] then\n      records[i]',
    replace: '    if false then\n      records[i]',
  },
  {
    name: 'reclaim-other-groups',
    prevents: 'two results where a queue is read by a run under another group',
    file: 'packages/stream-consumer/src/lua/reclaim.lua',
    find: "for _, other in ipairs(others) do redis.call('XACK', queue, other, id) end",
    replace: '',
    testFile: 'packages/stream-consumer/src/queue-books.redis.test.ts',
    noticedBy: 'a queue that changes hands fences what a run under another group holds of it',
    stillPasses: 'a frame without a processor to go to stays where it is',
  },
  {
    name: 'repeats-at-the-processor',
    prevents: 'a frame that is processed twice at once where it was found again after an interrupted read',
    file: 'packages/processor-client/src/work-loop.ts',
    find: 'if (!inProcess.has(id) && !isOver(id))',
    replace: 'if (!isOver(id))',
    testFile: 'packages/processor-client/src/connection.redis.test.ts',
    noticedBy: 'frames delivered on a connection that was cut again and again all become one result each',
    stillPasses: 'a result whose answer was lost with its connection counts as completed, not as refused',
  },
  {
    name: 'undone-for-good',
    prevents: 'frames of the older service done once more by an orchestrator that slept through an undo',
    file: 'packages/stream-consumer/src/lua/open-books.lua',
    find: "if cutover[1] == 'restored' and",
    replace: 'if false and',
    testFile: 'packages/stream-consumer/src/take-over.redis.test.ts',
    noticedBy:
      'handing back holds for an orchestrator that slept through it: it may not make its group again',
    stillPasses: 'handing back makes the old group as it was, where nothing has happened',
  },
  {
    name: 'groups-before-adoption',
    prevents: 'an orchestrator that waits for ever after Redis was out of reach and lost its data',
    file: 'apps/orchestrator/src/compose.ts',
    find: '      await recreate();\n      await janitor.adopt();',
    replace: '      await janitor.adopt();',
    testFile: 'apps/orchestrator/src/recovery.redis.test.ts',
    noticedBy: 'an orchestrator reads on where Redis was out of reach and lost its data meanwhile',
    stillPasses: 'an orchestrator holds a frame once, also where it finds it again',
  },
  {
    name: 'repeated-until-done',
    prevents: 'a result that is dropped because Redis refused it once',
    file: 'packages/processor-client/src/finisher.ts',
    find: 'if (signal.aborted) throw error;',
    replace: 'throw error;',
    testFile: 'packages/processor-client/src/processing.redis.test.ts',
    noticedBy: 'a result is published once Redis takes it, when it does not at first',
    stillPasses: 'a result with half a surrogate pair is published, not tried for ever',
  },
];
