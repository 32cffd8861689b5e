import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import {
  completeRegistration,
  encodeNotice,
  type Heartbeat,
  type KeyNames,
  type ProcessorState,
  registration as registrationCodec,
  type Registration,
  type RegistrationRequest,
} from '@frame-buffer/models';

/** What the registry needs of a Redis client; ioredis' `Redis` fits. */
export interface RegistryClient {
  eval(script: string, numberOfKeys: number, ...args: string[]): Promise<unknown>;
  hget(key: string, field: string): Promise<string | null>;
  hgetall(key: string): Promise<Record<string, string>>;
  mget(keys: string[]): Promise<(string | null)[]>;
  publish(channel: string, message: string): Promise<number>;
}

/** The last heartbeat as it lies in Redis; its key's expiry is the processor's death. */
export interface Health {
  readonly received_at_ms: number;
  readonly status: string;
  readonly active_tasks?: number;
  readonly metrics?: Record<string, unknown>;
}

export interface ProcessorRecord {
  readonly registration: Registration;
  /** undefined: its lease has expired. */
  readonly health: Health | undefined;
}

export type RegisterOutcome =
  | {
      readonly kind: 'registered';
      readonly registration: Registration;
      readonly replaced: Registration | undefined;
    }
  | { readonly kind: 'conflict'; readonly holder: Registration };

export type HeartbeatOutcome = 'alive' | 'unknown' | 'replaced';

/** A processor whose lease expired; the registration is out of the registry, its queue is still to be taken back. */
export type Death = { readonly registration: Registration };

export interface Registry {
  /** Puts a processor in, unless another run of it holds the id and was seen alive in the last few seconds. Its queue and group exist when this returns. */
  register(request: RegistrationRequest): Promise<RegisterOutcome>;
  heartbeat(beat: Heartbeat): Promise<HeartbeatOutcome>;
  get(id: string): Promise<ProcessorRecord | undefined>;
  list(): Promise<ProcessorRecord[]>;
  setState(id: string, state: ProcessorState): Promise<Registration | undefined>;
  /** @param instanceId only this run of it; any where it isn't given. @returns the registration removed; undefined where there was none */
  remove(id: string, instanceId?: string): Promise<Registration | undefined>;
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

/** Two looks at the dead that lie further apart than this have an outage between them. */
const MAX_GAP_MS = 3_000;

const script = (name: string): string =>
  readFileSync(new URL(`../src/lua/${name}.lua`, import.meta.url), 'utf8');
const REGISTER = script('register');
const REMOVE = script('remove');
const HEARTBEAT = script('heartbeat');
const SET_STATE = script('set-state');

export function createRegistry({ client, keys, clock = Date.now }: RegistryOptions): Registry {
  /** Since when this registry has been able to receive heartbeats without a gap. */
  let listeningSinceMs = clock();
  let lastLookMs = listeningSinceMs;

  const run = (source: string, scriptKeys: readonly string[], request: object): Promise<unknown> =>
    client.eval(source, scriptKeys.length, ...scriptKeys, JSON.stringify(request));

  async function announce(processorId: string, change: string): Promise<void> {
    await client.publish(keys.events, encodeNotice({ type: 'registry', processor_id: processorId, change }));
  }

  async function list(): Promise<ProcessorRecord[]> {
    const all = Object.values(await client.hgetall(keys.registry)).flatMap(
      (json) => readRegistration(json) ?? [],
    );
    if (all.length === 0) return [];
    const beats = await client.mget(all.map(({ id }) => keys.health(id)));
    return all.map((registration, i) => ({ registration, health: readHealth(beats[i]) }));
  }

  async function remove(
    request: { id: string; instance_id?: string; only_dead: boolean },
    change: string,
  ): Promise<Registration | undefined> {
    const former = (await run(REMOVE, [keys.registry, keys.health(request.id)], request)) as string;
    if (former === '') return undefined;
    await announce(request.id, change);
    return readRegistration(former);
  }

  return {
    list,
    async register(request) {
      const nowMs = clock();
      const registration = completeRegistration(request, { keys, instanceId: randomUUID(), nowMs });
      const { state, ...rest } = registration;
      const health: Health = { received_at_ms: nowMs, status: 'registered' };
      const [kind, former] = (await run(
        REGISTER,
        [keys.registry, keys.health(request.id), registration.queue],
        {
          id: request.id,
          // The state goes first, where its script finds it.
          registration: JSON.stringify({ state, ...rest }),
          health: JSON.stringify(health),
          instance_id: registration.instance_id,
          group: registration.group,
          lease_ms: registration.lease_ms,
          takeover: request.takeover ?? false,
          now_ms: nowMs,
          seen_alive_ms: SEEN_ALIVE_MS,
        },
      )) as [RegisterOutcome['kind'], string];
      const holder = former === '' ? undefined : readRegistration(former);
      if (kind === 'conflict' && holder) return { kind, holder };
      await announce(request.id, 'registered');
      return { kind: 'registered', registration, replaced: holder };
    },
    async heartbeat(beat) {
      const health: Health = {
        received_at_ms: clock(),
        status: beat.status ?? 'healthy',
        ...(beat.active_tasks === undefined ? {} : { active_tasks: beat.active_tasks }),
        ...(beat.metrics === undefined ? {} : { metrics: beat.metrics }),
      };
      return (await run(HEARTBEAT, [keys.registry, keys.health(beat.processor_id)], {
        id: beat.processor_id,
        instance_id: beat.instance_id,
        health: JSON.stringify(health),
      })) as HeartbeatOutcome;
    },
    async get(id) {
      const json = await client.hget(keys.registry, id);
      const registration = json === null ? undefined : readRegistration(json);
      if (!registration) return undefined;
      const [beat] = await client.mget([keys.health(id)]);
      return { registration, health: readHealth(beat) };
    },
    async setState(id, state) {
      const json = (await run(SET_STATE, [keys.registry], { id, state })) as string;
      if (json === '') return undefined;
      await announce(id, state);
      return readRegistration(json);
    },
    remove: (id, instanceId) =>
      remove(
        { id, only_dead: false, ...(instanceId === undefined ? {} : { instance_id: instanceId }) },
        'left',
      ),
    async removeDead() {
      // In a gap between two calls (Redis was away, or this process stood still) nobody could be heard, so nobody may be called
      // dead for his silence.
      if (clock() - lastLookMs > MAX_GAP_MS) listeningSinceMs = clock();
      const silent = (await list()).filter(({ health }) => !health).map(({ registration }) => registration);
      if (clock() - lastLookMs > MAX_GAP_MS) listeningSinceMs = clock();
      lastLookMs = clock();
      const deaths: Death[] = [];
      for (const { id, instance_id, lease_ms } of silent) {
        // Whoever couldn't hear it for a whole lease leaves the judgement to others, who may have.
        if (clock() - listeningSinceMs < lease_ms) continue;
        const registration = await remove({ id, instance_id, only_dead: true }, 'died');
        if (registration) deaths.push({ registration });
      }
      return deaths;
    },
  };
}

function readRegistration(json: string): Registration | undefined {
  const value = parseJson(json);
  return registrationCodec.is(value) ? value : undefined;
}

function readHealth(json: string | null | undefined): Health | undefined {
  return json ? ((parseJson(json) ?? UNREADABLE) as Health) : undefined;
}

/** A key that is there is a sign of life, whatever somebody wrote into it. */
const UNREADABLE: Health = { received_at_ms: 0, status: 'unreadable' };

function parseJson(json: string): unknown {
  try {
    return JSON.parse(json);
  } catch {
    return undefined;
  }
}
