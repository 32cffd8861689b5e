import { randomUUID } from 'node:crypto';
import {
  completeRegistration,
  encodeNotice,
  type Heartbeat,
  type KeyNames,
  type ProcessorState,
  registration as registrationCodec,
  type Registration,
  type RegistrationRequest,
  wellFormed,
} from '@frame-buffer/models';
import { type Health, readHealth } from './health.ts';
import { createHearing } from './hearing.ts';
import { SCRIPTS } from './scripts.ts';

/** What the registry needs of a Redis client; ioredis' `Redis` fits. */
export interface RegistryClient {
  eval(script: string, numberOfKeys: number, ...args: string[]): Promise<unknown>;
  hget(key: string, field: string): Promise<string | null>;
  hgetall(key: string): Promise<Record<string, string>>;
  mget(keys: string[]): Promise<(string | null)[]>;
}

export interface ProcessorRecord {
  readonly registration: Registration;
  /** undefined: its lease has expired. */
  readonly health: Health | undefined;
}

export type RegisterOutcome =
  | { readonly kind: 'registered'; readonly registration: Registration }
  /**
   * Not in yet: take back what lies in the queue of this registration, which is not (any more) in the registry, then register again.
   * It is that of a former run, which has been put out; or the one to come, where frames lie in its queue though nobody held the id.
   */
  | { readonly kind: 'unsettled'; readonly registration: Registration }
  /** Another run holds the id and is alive. */
  | { readonly kind: 'conflict'; readonly holder: Registration }
  /** Another processor has this queue. */
  | { readonly kind: 'queue_taken'; readonly holder: Registration }
  /** The key of its queue or of its results holds something else than a stream. */
  | {
      readonly kind: 'wrong_type';
      readonly field: 'queue' | 'results';
      readonly key: string;
      readonly type: string;
    };

export type ChangeOutcome =
  | { readonly kind: 'changed'; readonly registration: Registration }
  /** The run doesn't hold the id. */
  | { readonly kind: 'not_held' }
  /** The key for its results holds something else than a stream. */
  | { readonly kind: 'wrong_type'; readonly key: string; readonly type: string }
  /** The stream for its results is the queue of a processor: this one. */
  | { readonly kind: 'queue_taken'; readonly holder: string };

export type HeartbeatOutcome = 'alive' | 'unknown' | 'replaced';

/** A processor whose lease expired; the registration is out of the registry, its queue is still to be taken back. */
export type Death = { readonly registration: Registration };

export interface Registry {
  /**
   * Puts a processor in, unless another run of it holds the id and was seen alive in the last few seconds. Its queue and group exist
   * when this returns `registered`, and the queue is empty. A run that registers again keeps its state and its queue, a new one begins
   * active.
   */
  register(request: RegistrationRequest): Promise<RegisterOutcome>;
  heartbeat(beat: Heartbeat): Promise<HeartbeatOutcome>;
  get(id: string): Promise<ProcessorRecord | undefined>;
  list(): Promise<ProcessorRecord[]>;
  /** Changes what the run that holds the id has registered, but for its state. No sign of life. */
  change(registration: Registration): Promise<ChangeOutcome>;
  /** @param instanceId only this run of it; any where it isn't given */
  setState(id: string, state: ProcessorState, instanceId?: string): Promise<Registration | undefined>;
  /** @param instanceId only this run of it; any where it isn't given. @returns the registration removed; undefined where there was none */
  remove(id: string, instanceId?: string): Promise<Registration | undefined>;
  /** Takes a run out that was found dead though its lease goes on. @returns undefined where somebody else was first */
  declareDead(registration: Pick<Registration, 'id' | 'instance_id'>): Promise<Registration | undefined>;
  /** Takes out those whose lease has expired. Several orchestrators may do this at once: each death is reported to one of them. Call it about twice a second. */
  removeDead(): Promise<Death[]>;
}

export interface RegistryOptions {
  readonly client: RegistryClient;
  readonly keys: KeyNames;
  /** ms since the epoch. */
  readonly clock?: () => number;
}

/** A holder seen within this time is alive, so another run under its id is refused: longer than a usual blocking read. */
export const SEEN_ALIVE_MS = 5_000;

export function createRegistry({ client, keys, clock = Date.now }: RegistryOptions): Registry {
  const hearing = createHearing(clock());

  const run = (source: string, scriptKeys: readonly string[], request: object): Promise<unknown> =>
    client.eval(source, scriptKeys.length, ...scriptKeys, JSON.stringify(wellFormed(request)));

  /** What a script says on the events channel when it has changed something. */
  const announcing = (processorId: string, change: string) => ({
    events: keys.events,
    notice: encodeNotice({ type: 'registry', processor_id: processorId, change }),
  });

  /** @param force over registrations in its way that can't be read: they hold nothing, are not listed and get no frames */
  async function register(request: RegistrationRequest, force = false): Promise<RegisterOutcome> {
    const { id } = request;
    const nowMs = clock();
    const fresh = completeRegistration(request, { keys, instanceId: randomUUID(), nowMs });
    const before = (await get(id))?.registration;
    const isSameRun = before?.instance_id === fresh.instance_id;
    const registration = isSameRun ? { ...fresh, state: before.state } : fresh;
    const { queue, results, group, instance_id, lease_ms } = registration;
    const health: Health = { received_at_ms: nowMs, status: 'registered' };
    const [kind, answer = '', type = ''] = (await run(
      SCRIPTS.register,
      [keys.registry, keys.health(id), queue, results],
      {
        id,
        registration: JSON.stringify(registration),
        health: JSON.stringify(health),
        instance_id,
        group,
        queue_json: JSON.stringify(queue),
        lease_ms,
        takeover: force || (request.takeover ?? false),
        share_queue: force,
        seen_alive_ms: SEEN_ALIVE_MS,
        ...announcing(id, 'registered'),
        put_out: announcing(id, 'replaced').notice,
      },
    )) as [RegisterOutcome['kind'], string?, string?];
    if (kind === 'wrong_type') {
      return { kind, field: answer as 'queue' | 'results', key: answer === 'queue' ? queue : results, type };
    }
    if (kind === 'registered' || (kind === 'unsettled' && answer === '')) return { kind, registration };
    const other = readRegistration(answer);
    if (kind === 'unsettled') return other ? { kind, registration: other } : register(request, force);
    return other ? { kind, holder: other } : register(request, true);
  }

  async function list(): Promise<ProcessorRecord[]> {
    const all = Object.entries(await client.hgetall(keys.registry)).flatMap(
      ([id, json]) => readRegistration(json, id) ?? [],
    );
    if (all.length === 0) return [];
    const beats = await client.mget(all.map(({ id }) => keys.health(id)));
    return all.map((registration, i) => ({ registration, health: readHealth(beats[i]) }));
  }

  /** Reads, changes and writes until nobody else was faster in between. @param next undefined: leave it alone */
  async function replace(
    id: string,
    change: string,
    next: (former: Registration) => Registration | undefined,
  ): Promise<ChangeOutcome> {
    for (;;) {
      const former = (await client.hget(keys.registry, id)) ?? '';
      const before = readRegistration(former, id);
      const wanted = before && next(before);
      if (!wanted) return { kind: 'not_held' };
      const after = wellFormed(wanted);
      const { results } = after;
      const [kind, answer = ''] = (await run(SCRIPTS.replace, [keys.registry, keys.health(id), results], {
        id,
        former,
        next: JSON.stringify(after),
        new_results: results !== before.results,
        longer_ms: after.lease_ms - before.lease_ms,
        ...announcing(id, change),
      })) as [Exclude<ChangeOutcome['kind'], 'not_held'> | 'outrun', string?];
      if (kind === 'changed') return { kind, registration: after };
      if (kind === 'wrong_type') return { kind, key: results, type: answer };
      if (kind === 'queue_taken') return { kind, holder: answer };
    }
  }

  async function remove(
    request: { id: string; instance_id?: string | undefined; only_dead: boolean },
    change: string,
  ): Promise<Registration | undefined> {
    const former = await run(SCRIPTS.remove, [keys.registry, keys.health(request.id)], {
      ...request,
      ...announcing(request.id, change),
    });
    return readRegistration(former as string);
  }

  async function get(id: string): Promise<ProcessorRecord | undefined> {
    const registration = readRegistration((await client.hget(keys.registry, id)) ?? '', id);
    if (!registration) return undefined;
    const [beat] = await client.mget([keys.health(id)]);
    return { registration, health: readHealth(beat) };
  }

  return {
    get,
    list,
    // What lies in Redis as JSON is read by scripts, too.
    register: (request) => register(wellFormed(request)),
    async heartbeat(beat) {
      const { processor_id: id, instance_id, status = 'healthy', active_tasks, metrics } = wellFormed(beat);
      const health = { received_at_ms: clock(), status, active_tasks, metrics };
      return (await run(SCRIPTS.heartbeat, [keys.registry, keys.health(id)], {
        id,
        instance_id,
        health: JSON.stringify(health),
      })) as HeartbeatOutcome;
    },
    change: (registration) =>
      replace(registration.id, 'changed', ({ instance_id, state, registered_at }) =>
        instance_id === registration.instance_id ? { ...registration, state, registered_at } : undefined,
      ),
    async setState(id, state, instanceId) {
      const outcome = await replace(id, state, (former) =>
        instanceId === undefined || former.instance_id === instanceId ? { ...former, state } : undefined,
      );
      return outcome.kind === 'changed' ? outcome.registration : undefined;
    },
    remove: (id, instanceId) => remove({ id, instance_id: instanceId, only_dead: false }, 'left'),
    declareDead: ({ id, instance_id }) => remove({ id, instance_id, only_dead: false }, 'died'),
    async removeDead() {
      hearing.look(clock());
      const silent = (await list()).filter(({ health }) => !health).map(({ registration }) => registration);
      hearing.look(clock());
      const deaths: Death[] = [];
      try {
        for (const { id, instance_id, lease_ms } of silent) {
          // Whoever couldn't hear it for a whole lease leaves the judgement to others, who may have.
          if (!hearing.couldHear(lease_ms, clock())) continue;
          const registration = await remove({ id, instance_id, only_dead: true }, 'died');
          if (registration) deaths.push({ registration });
        }
      } catch (error) {
        // Those taken out already are reported now or never.
        if (deaths.length === 0) throw error;
      }
      return deaths;
    },
  };
}

/** @param id the field it lies under. @returns undefined for what is no registration, or that of another processor */
function readRegistration(json: string, id?: string): Registration | undefined {
  try {
    const value: unknown = JSON.parse(json);
    return registrationCodec.is(value) && (id === undefined || value.id === id) ? value : undefined;
  } catch {
    return undefined;
  }
}
