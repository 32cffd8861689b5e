import type { FlatRecord, KeyNames } from '@frame-buffer/models';
import { flatten } from './entry.ts';
import { loadScript, type ScriptClient } from './script.ts';
import { type Failure, failureForScript, type WorkQueue } from './work-queue.ts';

export interface FinishOptions {
  readonly keys: KeyNames;
  readonly queue: Pick<WorkQueue, 'queue' | 'group'>;
  readonly processorId: string;
}

/** One finished frame: its entry in the work queue and the record to publish. */
export interface FinishedFrame {
  readonly entryId: string;
  readonly result: FlatRecord;
}

const completeScript = loadScript('complete');
const giveBackScript = loadScript('give-back');

/** The whole source of the completion script, for processors in other languages. */
export const completionScriptSource: string = completeScript.source;
/** The whole source of the script that gives a frame back, for processors in other languages. */
export const giveBackScriptSource: string = giveBackScript.source;

/** How one processor calls a script: its keys, and of its argument all that is the same for every frame. */
export interface ScriptCall {
  readonly keys: readonly string[];
  readonly request: Readonly<Record<string, unknown>>;
}

export interface CompletionOptions extends FinishOptions {
  readonly results: string;
  /** The processor's, so that whoever waits for credit is told when a full queue gets room. */
  readonly capacity: number;
}

/** What is left for the caller to add to the request: `completions`. */
export function completionCall(options: CompletionOptions): ScriptCall {
  const { keys, queue, processorId, results, capacity } = options;
  return {
    keys: [keys.ledger, queue.queue, results],
    request: { group: queue.group, capacity, events: keys.events, processor_id: processorId },
  };
}

/** What is left for the caller to add to the request: `id` and, where the frame failed, `failure`. */
export function giveBackCall({ keys, queue }: Pick<FinishOptions, 'keys' | 'queue'>): ScriptCall {
  return {
    keys: [keys.ledger, queue.queue, keys.retry],
    request: { group: queue.group, events: keys.events },
  };
}

/**
 * Acknowledges frames and publishes their results, in one atomic step.
 * @returns for each frame, whether its result was published, by this call or by an earlier one with the same record whose answer was lost;
 *   false: it had been taken back, and the result is refused (fenced)
 */
export async function completeFrames(
  client: ScriptClient,
  frames: readonly FinishedFrame[],
  options: CompletionOptions,
): Promise<boolean[]> {
  if (frames.length === 0) return [];
  const { keys, request } = completionCall(options);
  const completions = frames.map(({ entryId, result }) => [entryId, flatten(result)]);
  const answers = (await completeScript.run(client, keys, { ...request, completions })) as number[];
  return answers.map((answer) => answer === 1);
}

/**
 * Gives a frame back to the orchestrators: with a failure as another attempt, without one as it came.
 * @returns whether it was still ours; false as well where this was sent before
 */
export async function giveBack(
  client: ScriptClient,
  entryId: string,
  failure: Failure | undefined,
  options: FinishOptions,
): Promise<boolean> {
  const { keys, request } = giveBackCall(options);
  const added = { id: entryId, ...(failure ? { failure: failureForScript(failure) } : {}) };
  return (await giveBackScript.run(client, keys, { ...request, ...added })) === 1;
}
