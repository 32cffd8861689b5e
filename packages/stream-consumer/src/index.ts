export {
  adoptPending,
  consumersOf,
  pendingIdsOf,
  type Adopted,
  type AdoptOptions,
  type GroupConsumer,
} from './adopt.ts';
export { openBooks, readBooks, type BooksOptions, type BooksReading, type Ledger } from './books.ts';
export {
  completeFrames,
  completionCall,
  completionScriptSource,
  giveBack,
  giveBackCall,
  giveBackScriptSource,
  type CompletionOptions,
  type FinishedFrame,
  type FinishOptions,
  type ScriptCall,
} from './completion.ts';
export { connectRedis, type ConnectOptions } from './connection.ts';
export { deleteDeadLetter, listDeadLetters, requeueDeadLetters, type DeadLetter } from './dead-letters.ts';
export { recordOf, type EntryReply, type Source, type SourceEntry } from './entry.ts';
export { publishAdvice, type Advice, type AdviceOptions } from './advice.ts';
export { findFrame, type FindFrameOptions, type FoundEntry, type FrameSearch } from './find-frame.ts';
export {
  createGroupReader,
  isMissingGroup,
  type GroupReader,
  type GroupReaderOptions,
  type ReadOutcome,
} from './group-reader.ts';
export {
  handOff,
  type HandOffCopy,
  type HandOffItem,
  type HandOffOptions,
  type HandOffOutcome,
  type HandOffReply,
  type HandOffTarget,
} from './hand-off.ts';
export { forgetOutcomes, outcomesIn, readOutcomes, type Outcomes } from './outcomes.ts';
export { queueActivity, type QueueActivity } from './queue-activity.ts';
export type { ScriptClient } from './script.ts';
export {
  DEAD_LETTER_REASONS,
  deadLetter,
  shed,
  type DeadLetterReason,
  type SettledFrame,
  type SettleOptions,
} from './settle.ts';
export {
  handBackGroup,
  TAKE_OVER_CONSUMER,
  takeOverGroup,
  type HandBackOutcome,
  type PendingEntry,
  type Refusal,
  type RestoredGroup,
  type TakenGroup,
  type TakeOverOptions,
  type TakeOverOutcome,
} from './take-over.ts';
export { takeUp, type TakenUp } from './take-up.ts';
export { trimAcknowledged, trimInput, trimResults } from './trim.ts';
export { createWorkQueue, outstandingOf, reclaimQueue, type Failure, type WorkQueue } from './work-queue.ts';
