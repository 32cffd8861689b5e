/** Every key of the wire protocol, built in this one place. Other programs rely on these names. */
export interface KeyNames {
  /** Stream: one record for every captured frame. */
  readonly input: string;
  /** Stream: frames that come back, failed or taken from a dead or leaving processor. */
  readonly retry: string;
  /** Stream: results, unless a processor names another. */
  readonly results: string;
  /** Stream: frames that can't be processed, with the reason. */
  readonly deadLetter: string;
  /** Stream, capped: the last frames shed, with the reason. */
  readonly shed: string;
  /** Hash: the counters, moved in the same atomic step as the frames. */
  readonly ledger: string;
  /** Hash: what was taken over from another service, for undoing it. */
  readonly cutover: string;
  /** Hash with TTL: camera id to the frame rate that it is advised, as JSON. */
  readonly advisedRates: string;
  /** String with TTL: the orchestrator that advises. */
  readonly advisor: string;
  /** Channel: hints that save polling. */
  readonly events: string;
  /** Hash: processor id to registration as JSON. */
  readonly registry: string;
  /** Strings with TTL, by frame id: pictures, where capture keeps them in Redis. */
  readonly pixels: string;
  /** Stream: a processor's work queue. */
  ready(processorId: string): string;
  /** String with TTL: a processor's last heartbeat. */
  health(processorId: string): string;
  /** String with TTL: an orchestrator's lease. */
  orchestrator(orchestratorId: string): string;
}

export interface KeyNameOptions {
  /** Prefix of the frame keys. */
  prefix: string;
  /** Name of the input stream where it isn't `<prefix>metadata`. */
  input: string | undefined;
  /** Redis Cluster: one hash tag puts all keys of a shard into one slot. */
  hashTag: string | undefined;
}

export const INPUT_GROUP = 'frame-buffer-group';
export const PROCESSOR_GROUP = 'frame-processors';

const DEFAULT_PREFIX = 'frames:';

export function keyNames(options: Partial<KeyNameOptions> = {}): KeyNames {
  const { prefix = DEFAULT_PREFIX, input, hashTag } = options;
  const tag = hashTag ? `{${hashTag}}:` : '';
  const frames = `${tag}${prefix}`;
  return {
    input: input ?? `${frames}metadata`,
    retry: `${frames}retry`,
    results: `${frames}results`,
    deadLetter: `${frames}dead-letter`,
    shed: `${frames}shed`,
    ledger: `${frames}ledger`,
    cutover: `${frames}cutover`,
    advisedRates: `${frames}advised-rates`,
    advisor: `${frames}advisor`,
    events: `${frames}events`,
    pixels: `${frames}pixels:`,
    registry: `${tag}processors:registry`,
    ready: (processorId) => `${frames}ready:${processorId}`,
    health: (processorId) => `${tag}processors:health:${processorId}`,
    orchestrator: (orchestratorId) => `${tag}orchestrators:${orchestratorId}`,
  };
}
