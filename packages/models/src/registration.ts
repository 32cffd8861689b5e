import * as t from 'io-ts';
import { integer, oneOf, pattern, text } from './described.ts';
import { capabilityName } from './frame.ts';
import { parseTimestamp, timestampText } from './timestamp.ts';
import { DescribedType } from './described.ts';
import { type Decoded, decodeWith, shown } from './fault.ts';
import type { KeyNames } from './key-names.ts';
import { PROCESSOR_GROUP } from './key-names.ts';
import { isReservedKey } from './reserved-keys.ts';

export const processorId = pattern(
  'a processor id of 1 to 128 letters, digits, . _ : -',
  /^[A-Za-z0-9._:-]{1,128}$/,
);
export const instanceId = text(1, 128);

/** How a client finishes a frame: with the completion script (XACK and XDEL), or with a bare XACK as older clients do. */
export const completion = oneOf('delete', 'acknowledge');
export type Completion = t.TypeOf<typeof completion>;

/** Older clients send a heartbeat every 30 s: three of them may be missed before they are declared dead. */
export const DEFAULT_LEASE_MS = 90_000;
export const MIN_LEASE_MS = 500;
export const MAX_LEASE_MS = 3_600_000;
export const MAX_CAPACITY = 100_000;

const MAX_PIXELS_PER_SIDE = 65_536;

/** What a processor sends to register. Only the first three are needed; older clients send the first four. */
export const registrationRequest = t.intersection([
  t.type({
    id: processorId,
    capabilities: t.array(capabilityName),
    capacity: integer(1, MAX_CAPACITY),
  }),
  t.partial({
    /** Its work queue, a stream key. */
    queue: text(1, 512),
    /** Consumer group of its queue. */
    group: pattern('a group name of letters, digits, . _ -', /^[A-Za-z0-9._-]{1,128}$/),
    /** Stream of its results, where it isn't the common one. */
    results: text(1, 512),
    /** Tells one run of the program from the next. */
    instance_id: instanceId,
    /** Takes the id over at once and fences the present holder. */
    takeover: t.boolean,
    completion,
    /** How long it may be silent before it is declared dead. */
    lease_ms: integer(MIN_LEASE_MS, MAX_LEASE_MS),
    health_endpoint: pattern('an http or https address', /^https?:\/\/[^\s/]+(\/\S*)?$/),
    /** Share of the work beside its equals. */
    weight: integer(1, 1000),
    formats: t.array(text(1, 64)),
    min_width: integer(0, MAX_PIXELS_PER_SIDE),
    max_width: integer(0, MAX_PIXELS_PER_SIDE),
    min_height: integer(0, MAX_PIXELS_PER_SIDE),
    max_height: integer(0, MAX_PIXELS_PER_SIDE),
    /** Cameras it serves; all where it says nothing. */
    cameras: t.array(text(1, 512)),
    metadata: t.UnknownRecord,
  }),
]);
export type RegistrationRequest = t.TypeOf<typeof registrationRequest>;

export const processorState = oneOf('active', 'draining', 'isolated');
export type ProcessorState = t.TypeOf<typeof processorState>;

/** A registration as it lies in the registry: complete, with what the orchestrator added. */
export const registration = t.intersection([
  t.type({
    id: processorId,
    capabilities: t.array(capabilityName),
    capacity: integer(1, MAX_CAPACITY),
    queue: text(1, 512),
    group: pattern('a group name of letters, digits, . _ -', /^[A-Za-z0-9._-]{1,128}$/),
    results: text(1, 512),
    instance_id: instanceId,
    completion,
    lease_ms: integer(MIN_LEASE_MS, MAX_LEASE_MS),
    state: processorState,
    /** ISO 8601. */
    registered_at: t.string,
  }),
  t.partial({
    health_endpoint: t.string,
    weight: integer(1, 1000),
    formats: t.array(t.string),
    min_width: t.number,
    max_width: t.number,
    min_height: t.number,
    max_height: t.number,
    cameras: t.array(t.string),
    metadata: t.UnknownRecord,
  }),
]);
export type Registration = t.TypeOf<typeof registration>;

/** Decodes a registration request and checks what a codec alone can't: that its streams are no keys of the protocol, and that there are pictures within its bounds. */
export function decodeRegistration(input: unknown, keys: KeyNames): Decoded<RegistrationRequest> {
  const decoded = decodeWith(registrationRequest, withoutNulls(input));
  if (!decoded.ok) return decoded;
  const faults = [];
  for (const field of ['queue', 'results'] as const) {
    const value = decoded.value[field];
    if (value !== undefined && isReservedKey(value, keys, field))
      faults.push({ field, value: shown(value), expected: 'a stream of its own, not a key of the protocol' });
  }
  if (decoded.value.queue !== undefined && decoded.value.queue === decoded.value.results) {
    faults.push({
      field: 'results',
      value: shown(decoded.value.results),
      expected: 'another stream than its queue',
    });
  }
  for (const side of ['width', 'height'] as const) {
    const { [`min_${side}` as const]: minimum, [`max_${side}` as const]: maximum } = decoded.value;
    if (minimum !== undefined && maximum !== undefined && minimum > maximum)
      faults.push({
        field: `max_${side}`,
        value: shown(maximum),
        expected: `at least its min_${side}, ${minimum}`,
      });
  }
  return faults.length > 0 ? { ok: false, faults } : decoded;
}

export interface RegistrationDefaults {
  readonly keys: KeyNames;
  /** Used where the client sends no `instance_id`. */
  readonly instanceId: string;
  readonly nowMs: number;
}

export function completeRegistration(
  request: RegistrationRequest,
  defaults: RegistrationDefaults,
): Registration {
  const { takeover: _takeover, ...kept } = request;
  return {
    ...kept,
    capabilities: [...new Set(request.capabilities)],
    queue: request.queue ?? defaults.keys.ready(request.id),
    group: request.group ?? PROCESSOR_GROUP,
    results: request.results ?? defaults.keys.results,
    instance_id: request.instance_id ?? defaults.instanceId,
    completion: request.completion ?? 'acknowledge',
    lease_ms: request.lease_ms ?? DEFAULT_LEASE_MS,
    state: 'active',
    registered_at: new Date(defaults.nowMs).toISOString(),
  };
}

const looseTimestamp = new DescribedType<number, unknown>(
  'a date in ISO 8601 or seconds since the epoch',
  { anyOf: [timestampText.jsonSchema, { type: 'number' }] },
  t.number.is,
  (input) =>
    typeof input === 'string' || typeof input === 'number' ? parseTimestamp(String(input)) : undefined,
  (ms) => ms,
);

/** A heartbeat: older clients send the first three. */
export const heartbeat = t.intersection([
  t.type({ processor_id: processorId }),
  t.partial({
    status: text(1, 64),
    timestamp: looseTimestamp,
    instance_id: instanceId,
    active_tasks: integer(0, Number.MAX_SAFE_INTEGER),
    metrics: t.UnknownRecord,
  }),
]);
export type Heartbeat = t.TypeOf<typeof heartbeat>;

export function decodeHeartbeat(input: unknown): Decoded<Heartbeat> {
  return decodeWith(heartbeat, withoutNulls(input));
}

/** Clients in languages with a null write it for "nothing"; on the wire both mean the same. */
function withoutNulls(input: unknown): unknown {
  if (typeof input !== 'object' || input === null || Array.isArray(input)) return input;
  return Object.fromEntries(Object.entries(input).filter(([, value]) => value !== null));
}
