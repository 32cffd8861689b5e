import { COMPLAINTS, type Complaint, type ComplaintKind, type Verdict } from './live-state.ts';

/** What is known at one moment. Unknown is undefined. */
export interface VerdictFacts {
  readonly unaccounted: number | undefined;
  /** Trimmed or deleted before it was done, in the last minute. */
  readonly lostLately: number;
  readonly redisAnswers: boolean;
  readonly policy: string | undefined;
  /** Share of the memory that is used, 0 to 1. */
  readonly memoryUsed: number | undefined;
  readonly headroomSeconds: number | undefined;
  /** Whether frames are being read. */
  readonly reading: boolean;
  readonly paused: boolean;
  readonly waiting: readonly {
    readonly capability: string;
    readonly frames: number;
    readonly oldestSeconds: number;
    /** Of these, those that can't go where others could. */
    readonly aside?: number;
  }[];
  /** Capabilities that a processor which may get frames has. */
  readonly served: ReadonlySet<string>;
  /** Capabilities of processors that are drained, isolated or behind an open breaker. */
  readonly withheld: ReadonlyMap<string, string>;
  /** Processors that died lately and did not come back. */
  readonly died: readonly string[];
  readonly silent: readonly { readonly id: string; readonly heartbeatAgeMs: number }[];
  readonly breakersOpen: readonly string[];
  readonly pressure: { readonly level: string; readonly cause: string | null } | undefined;
  readonly silentCameras: readonly { readonly camera: string; readonly silentMs: number }[];
  readonly deadLettersLastMinute: number;
  readonly deadLetterReason: string | undefined;
}

/** A frame that waits so long waits because there is too little of something. */
export const WAITING_TOO_LONG_S = 5;
const MEMORY_FULL_SHARE = 0.9;
const SHORT_HEADROOM_S = 600;
const NAMED = 3;

/** Everything that is wrong, worst first. */
export function complaints(facts: VerdictFacts): Complaint[] {
  const found = DECIDERS.map((decide) => decide(facts)).filter((complaint) => complaint !== undefined);
  return found.toSorted((a, b) => COMPLAINTS.indexOf(a.kind) - COMPLAINTS.indexOf(b.kind));
}

/** Remembers since when each thing is wrong. */
export function createVerdict(startMs: number): (facts: VerdictFacts, nowMs: number) => Verdict {
  const since = new Map<ComplaintKind, number>();
  let fineSinceMs = startMs;
  return (facts, nowMs) => {
    const all = complaints(facts);
    const kinds = new Set(all.map(({ kind }) => kind));
    for (const kind of since.keys()) if (!kinds.has(kind)) since.delete(kind);
    for (const kind of kinds) if (!since.has(kind)) since.set(kind, nowMs);
    const [worst, ...others] = all.map((complaint) => ({
      ...complaint,
      sinceMs: since.get(complaint.kind) ?? nowMs,
    }));
    if (!worst) {
      return {
        level: 'fine',
        title: 'Every frame is accounted for, and nothing waits too long.',
        cause: null,
        next: null,
        sinceMs: fineSinceMs,
        kind: null,
        others: [],
      };
    }
    fineSinceMs = nowMs;
    return { ...worst, others };
  };
}

type Decider = (facts: VerdictFacts) => Complaint | undefined;

const DECIDERS: readonly Decider[] = [
  ({ unaccounted }) =>
    unaccounted
      ? {
          kind: 'unaccounted',
          level: 'bad',
          title: `${frames(unaccounted)} unaccounted for.`,
          cause: 'Something removed entries from a stream or changed the ledger behind the system’s back.',
          next: 'Find out who wrote to Redis (ACL LOG, MONITOR), and compare the books below with GET /frames/ledger.',
        }
      : undefined,
  ({ lostLately }) =>
    lostLately > 0
      ? {
          kind: 'lost_upstream',
          level: 'bad',
          title: `${frames(lostLately)} lost before they were done, in the last minute.`,
          cause: 'A publisher trims its stream (MAXLEN), or somebody deletes entries, before they were read.',
          next: 'Remove MAXLEN from the publisher, or let more be read: add processors for what waits below.',
        }
      : undefined,
  redisTrouble,
  noProcessor,
  ({ died }) =>
    died.length > 0
      ? {
          kind: 'processor_died',
          level: 'warn',
          title: `${count(died.length, 'processor')} died: ${named(died)}.`,
          cause:
            'No heartbeat within the lease, or no work on its queue: it crashed, was killed, hangs, or lost its network.',
          next: 'Nothing is lost: its frames went to others. Look into its log and start it again.',
        }
      : undefined,
  ({ silent }) =>
    silent.length > 0
      ? {
          kind: 'processor_silent',
          level: 'warn',
          title: `No sign of ${named(silent.map(({ id }) => id))} for ${seconds(Math.max(...silent.map((s) => s.heartbeatAgeMs)))}.`,
          cause: 'Its heartbeats have stopped: it crashed, hangs, or can’t reach the orchestrator.',
          next: 'Wait for its lease to end, then its frames go to others; look into its log meanwhile.',
        }
      : undefined,
  ({ breakersOpen }) =>
    breakersOpen.length > 0
      ? {
          kind: 'breaker_open',
          level: 'warn',
          title: `The breaker of ${named(breakersOpen)} is open.`,
          cause: 'Its last attempts failed or took too long, so it gets no frames for a while.',
          next: 'Look at its errors and dead letters; isolate it while you mend it.',
        }
      : undefined,
  ({ pressure }) =>
    pressure?.level === 'critical'
      ? {
          kind: 'pressure',
          level: 'warn',
          title: 'The pressure is critical: more comes in than the processors can do.',
          cause: pressure.cause ?? 'Which limit is reached isn’t known.',
          next: 'Add processors, or have fewer frames captured.',
        }
      : undefined,
  waitingTooLong,
  ({ silentCameras }) =>
    silentCameras.length > 0
      ? {
          kind: 'camera_silent',
          level: 'warn',
          title: `No frames from ${named(silentCameras.map(({ camera }) => camera))} for ${seconds(Math.max(...silentCameras.map(({ silentMs }) => silentMs)))}.`,
          cause: 'The camera, its network, or its capture service has stopped.',
          next: 'Check the camera and the log of its capture service.',
        }
      : undefined,
  ({ deadLettersLastMinute, deadLetterReason }) =>
    deadLettersLastMinute > 0
      ? {
          kind: 'dead_letters',
          level: 'warn',
          title: `${count(deadLettersLastMinute, 'new dead letter')} in the last minute.`,
          cause: deadLetterReason ? `The last one: ${deadLetterReason}` : 'Frames could not be processed.',
          next: 'Look inside below; send them again once the cause is mended.',
        }
      : undefined,
  ({ paused }) =>
    paused
      ? {
          kind: 'paused',
          level: 'warn',
          title: 'Reading is paused.',
          cause: 'Somebody pressed pause on this orchestrator. Frames wait in Redis.',
          next: 'Press resume when you are done.',
        }
      : undefined,
];

function redisTrouble(facts: VerdictFacts): Complaint | undefined {
  const trouble = (title: string, cause: string, next: string, level: 'bad' | 'warn' = 'bad'): Complaint => ({
    kind: 'redis',
    level,
    title,
    cause,
    next,
  });
  const { redisAnswers, reading, paused, policy, memoryUsed, headroomSeconds } = facts;
  if (!redisAnswers)
    return trouble(
      'Redis does not answer.',
      'It is down, overloaded, or out of reach from here.',
      'Bring Redis back. Frames that were captured before are kept in it and go on by themselves.',
    );
  if (!reading && !paused)
    return trouble(
      'Frames are not being read.',
      'The last read from Redis failed.',
      'Look into the orchestrator’s log; it tries again by itself.',
    );
  if (policy !== undefined && policy !== 'noeviction')
    return trouble(
      `Redis deletes streams when its memory is full (maxmemory-policy ${policy}).`,
      'This Redis is set up as a cache.',
      'CONFIG SET maxmemory-policy noeviction, and in its configuration file.',
    );
  const used = memoryUsed ?? 0;
  if (used >= MEMORY_FULL_SHARE || (headroomSeconds ?? Number.POSITIVE_INFINITY) < SHORT_HEADROOM_S) {
    const left =
      headroomSeconds === undefined
        ? ''
        : `, and as it grows now it is full in ${seconds(headroomSeconds * 1000)}`;
    return trouble(
      `Redis’ memory is ${Math.round(used * 100)} % full${left}.`,
      'More comes in than goes out, or pictures are kept in Redis for long.',
      'Give Redis more memory, add processors, or keep pictures in files.',
      used >= MEMORY_FULL_SHARE ? 'bad' : 'warn',
    );
  }
  return undefined;
}

function noProcessor({ waiting, served, withheld }: VerdictFacts): Complaint | undefined {
  const missing = waiting.flatMap(({ capability, frames: count }) =>
    count === 0
      ? []
      : capability
          .split('+')
          .filter((wanted) => !served.has(wanted))
          .map((wanted) => ({ wanted, count })),
  );
  const [first] = missing;
  if (!first) return undefined;
  const total = missing.reduce((sum, { count }) => sum + count, 0);
  const names = [...new Set(missing.map(({ wanted }) => wanted))];
  const holder = withheld.get(first.wanted);
  return {
    kind: 'no_processor',
    level: 'bad',
    title: `${frames(total)} wait, and no processor takes ${named(names)}.`,
    cause: holder ?? `No processor is registered for ${first.wanted}.`,
    next: holder ? 'Restore that processor, or start another one.' : `Start a processor for ${first.wanted}.`,
  };
}

function waitingTooLong({ waiting, paused }: VerdictFacts): Complaint | undefined {
  const late = waiting.filter((pool) => pool.frames > 0 && pool.oldestSeconds >= WAITING_TOO_LONG_S);
  const [worst] = late.toSorted((a, b) => b.oldestSeconds - a.oldestSeconds);
  if (!worst) return undefined;
  return {
    kind: 'waiting',
    level: 'warn',
    title: `Frames for ${worst.capability} wait for ${seconds(worst.oldestSeconds * 1000)}.`,
    cause: paused ? 'Reading is paused, and what was read finds no processor with room.' : whyWaiting(worst),
    next: `Start more processors for ${worst.capability}, or have fewer frames captured.`,
  };
}

function whyWaiting({ capability, frames: all, aside = 0 }: VerdictFacts['waiting'][number]): string {
  if (aside === 0) return `All processors for ${capability} are at their capacity.`;
  const which = aside === all ? 'They' : `${aside} of them`;
  return `${which} can’t go to the processors that have room: their camera, format or size is not taken there, or not all of their capabilities at once. Look one up to see which.`;
}

const count = (n: number, noun: string): string => `${n} ${noun}${n === 1 ? '' : 's'}`;
const frames = (n: number): string => count(n, 'frame');

function named(names: readonly string[]): string {
  const shown = names.slice(0, NAMED).join(', ');
  return names.length > NAMED ? `${shown} and ${names.length - NAMED} more` : shown;
}

function seconds(ms: number): string {
  const s = Math.round(ms / 1000);
  if (s < 120) return `${s} s`;
  if (s < 7_200) return `${Math.round(s / 60)} min`;
  return `${Math.round(s / 3_600)} h`;
}
