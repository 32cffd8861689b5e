import type { Pool } from './pool.ts';

/** A processor as the router needs to know it. */
export interface RouterProcessor {
  readonly id: string;
  readonly capabilities: readonly string[];
  /** Frames it wants outstanding at once; it gets none beyond. From 1. */
  readonly capacity: number;
  /** Share of the work beside others of its capacity; above 0, default 1. */
  readonly weight?: number | undefined;
  /** Constraints beyond its capabilities; each holds only for frames that say what it asks about. */
  readonly formats?: readonly string[] | undefined;
  readonly minWidth?: number | undefined;
  readonly maxWidth?: number | undefined;
  readonly minHeight?: number | undefined;
  readonly maxHeight?: number | undefined;
  /** Cameras it serves; all where it says nothing. */
  readonly cameras?: readonly string[] | undefined;
}

/** `draining` and `isolated` never get frames; `unhealthy` and `circuit_open` only when most of the pool is (panic). */
export type Availability = 'available' | 'draining' | 'isolated' | 'unhealthy' | 'circuit_open';

export interface RouteRequest {
  /** undefined: any processor may take it. */
  readonly capability: string | undefined;
  readonly cameraId: string;
  readonly format?: string | undefined;
  readonly width?: number | undefined;
  readonly height?: number | undefined;
  /** The processor that failed it last: chosen only if no other that serves could ever take the frame. */
  readonly avoid?: string | undefined;
}

/** A processor and what the router keeps of it. */
export interface Candidate {
  processor: RouterProcessor;
  constrained: boolean;
  availability: Availability;
  outstanding: number;
  /** Outstanding frames as a share of its strength, so that processors of different size compare; a cold one counts as smaller. */
  load: number;
  /** How much of its strength it may use yet: above 0, 1 but for a newcomer in its slow start. */
  warmth: number;
  /** Breaks ties; drawn anew with every change. */
  tie: number;
  /** A number that the strategy keeps here; 0 for a newcomer. */
  mark: number;
  /** A small number of its own in its router, for tables. */
  readonly slot: number;
  /** Those it belongs to: one for each capability, and the one of all. */
  pools: readonly Pool[];
}

export const hasCredit = ({ outstanding, processor }: Candidate): boolean => outstanding < processor.capacity;

export const loadOf = ({ load }: Candidate): number => load;

/** Its part of the work beside the others: capacity x weight. */
export const strengthOf = ({ processor }: Candidate): number => processor.capacity * (processor.weight ?? 1);

export const loadNow = (candidate: Candidate): number =>
  candidate.outstanding / (strengthOf(candidate) * candidate.warmth);

export function isConstrained(processor: RouterProcessor): boolean {
  const { formats, minWidth, maxWidth, minHeight, maxHeight, cameras } = processor;
  return [formats, minWidth, maxWidth, minHeight, maxHeight, cameras].some(
    (constraint) => constraint !== undefined,
  );
}

/** What keeps a processor from taking this frame, beyond its capability; undefined where nothing does. */
export function violatedConstraint(
  processor: RouterProcessor,
  request: RouteRequest,
): 'format' | 'width' | 'height' | 'camera' | undefined {
  const { formats, cameras } = processor;
  if (cameras && !cameras.includes(request.cameraId)) return 'camera';
  if (formats && request.format !== undefined && !formats.includes(request.format)) return 'format';
  if (outside(request.width, processor.minWidth, processor.maxWidth)) return 'width';
  if (outside(request.height, processor.minHeight, processor.maxHeight)) return 'height';
  return undefined;
}

function outside(value: number | undefined, minimum = 0, maximum = Number.POSITIVE_INFINITY): boolean {
  return value !== undefined && (value < minimum || value > maximum);
}
