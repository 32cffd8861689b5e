import {
  decodeHeartbeat,
  decodeRegistration,
  heartbeat,
  jsonSchemaOf,
  type KeyNames,
  processorState,
  registration as registrationCodec,
  type Registration,
  registrationRequest,
} from '@frame-buffer/models';
import type { ProcessorRecord, Registry } from '@frame-buffer/registry';
import type { TakeBack } from '../departure.ts';
import type { Fleet } from '../fleet.ts';
import { invalid, noProcessor, Problem } from './problem.ts';
import {
  arrayOf,
  json,
  NUMBER,
  object,
  type Route,
  type RouteReply,
  type RouteRequest,
  STRING,
} from './route.ts';

export interface ProcessorRoutesOptions {
  readonly registry: Registry;
  readonly fleet: Fleet;
  readonly keys: KeyNames;
  readonly takeBack: TakeBack;
  /** Brings the fleet in line with the registry, so that what was answered holds here at once. */
  readonly refreshFleet: () => Promise<void>;
}

const registrationSchema = jsonSchemaOf(registrationCodec);
const HEALTH = object(
  { status: STRING, received_at_ms: NUMBER, active_tasks: NUMBER, metrics: { type: 'object' } },
  ['status', 'received_at_ms'],
);
const PROCESSOR = {
  type: 'object',
  properties: {
    ...(registrationSchema['properties'] as Record<string, object>),
    alive: { type: 'boolean' },
    outstanding: { type: ['number', 'null'], description: 'Frames queued and in process, as last counted' },
    health: { anyOf: [HEALTH, { type: 'null' }] },
  },
  required: [...(registrationSchema['required'] as string[]), 'alive', 'outstanding', 'health'],
};
const NOT_FOUND = { 404: { description: 'There is no such processor' } };

/** Registration, heartbeats and state of the processors. */
export function processorRoutes({
  registry,
  fleet,
  keys,
  takeBack,
  refreshFleet,
}: ProcessorRoutesOptions): Route[] {
  const view = ({ registration, health }: ProcessorRecord): object => {
    const member = fleet.get(registration.id);
    return {
      ...registration,
      alive: health !== undefined,
      outstanding: member ? member.reported + member.unconfirmed : null,
      health: health ?? null,
    };
  };

  async function register(body: unknown): Promise<RouteReply> {
    const request = decodeRegistration(body, keys);
    if (!request.ok) throw invalid('The registration', request.faults);
    const outcome = await registry.register(request.value);
    if (outcome.kind === 'conflict') {
      throw new Problem(
        409,
        `Processor ${request.value.id} is already registered and was seen alive in the last seconds. ` +
          'Wait until it has left, or register with takeover: true.',
      );
    }
    if (outcome.kind === 'queue_taken') {
      throw new Problem(
        409,
        `The queue ${outcome.holder.queue} belongs to processor ${outcome.holder.id}; every processor needs a queue of its own.`,
      );
    }
    if (outcome.kind === 'wrong_type') {
      const { field, key, type } = outcome;
      throw invalid('The registration', [
        {
          field,
          value: JSON.stringify(key),
          expected: `the name of a stream, but this key holds a ${type}`,
        },
      ]);
    }
    const { registration, replaced } = outcome;
    if (replaced?.instance_id !== registration.instance_id) {
      await takeBack(replaced ?? registration, 'another run of this processor registered');
    }
    await refreshFleet();
    return json({ ...registration, status: 'registered' }, 201);
  }

  async function list({ query }: RouteRequest): Promise<RouteReply> {
    const wanted = query['capability'];
    const all = await registry.list();
    const matching = wanted
      ? all.filter(({ registration }) => registration.capabilities.includes(wanted))
      : all;
    return json(matching.map(view));
  }

  async function found(id: string | undefined): Promise<ProcessorRecord> {
    const record = await registry.get(id ?? '');
    if (!record) throw noProcessor(id ?? '');
    return record;
  }

  const stateRoute = (verb: string, state: Registration['state'], summary: string): Route => ({
    method: 'post',
    path: `/processors/:id/${verb}`,
    tag: 'processors',
    summary,
    answers: { 200: { description: 'The processor as it is now', schema: registrationSchema }, ...NOT_FOUND },
    async handle({ params }) {
      const changed = await registry.setState(params['id'] ?? '', state);
      if (!changed) throw noProcessor(params['id'] ?? '');
      await refreshFleet();
      return json(changed);
    },
  });

  const capabilityQuery = {
    capability: { description: 'Only processors with this capability', schema: STRING },
  };
  return [
    {
      method: 'post',
      path: '/processors/register',
      tag: 'processors',
      summary: 'Registers a processor; its queue and group exist when this answers',
      body: jsonSchemaOf(registrationRequest),
      answers: {
        201: { description: 'Registered', schema: registrationSchema },
        400: { description: 'Not JSON' },
        409: { description: 'Another run holds this id and is alive, or another processor has this queue' },
        422: { description: 'The registration has faults; all of them are listed' },
      },
      handle: ({ body }) => register(body),
    },
    {
      method: 'get',
      path: '/processors',
      tag: 'processors',
      summary: 'Lists the processors',
      query: capabilityQuery,
      answers: { 200: { description: 'The processors', schema: arrayOf(PROCESSOR) } },
      handle: list,
    },
    {
      method: 'get',
      path: '/processors/search',
      tag: 'processors',
      summary: 'Lists the processors with a capability',
      query: capabilityQuery,
      answers: { 200: { description: 'The processors', schema: arrayOf(PROCESSOR) } },
      handle: list,
    },
    {
      method: 'post',
      path: '/processors/heartbeat',
      tag: 'processors',
      summary: "Renews a processor's lease",
      body: jsonSchemaOf(heartbeat),
      answers: {
        200: {
          description: 'The lease is renewed',
          schema: object({ processor_id: STRING, status: STRING }),
        },
        404: { description: 'Unknown here: register again' },
        409: { description: 'Another run has taken this id over' },
        422: { description: 'The heartbeat has faults' },
      },
      async handle({ body }) {
        const beat = decodeHeartbeat(body);
        if (!beat.ok) throw invalid('The heartbeat', beat.faults);
        const { processor_id } = beat.value;
        const outcome = await registry.heartbeat(beat.value);
        if (outcome === 'unknown') throw noProcessor(processor_id);
        if (outcome === 'replaced') throw new Problem(409, `Another run of ${processor_id} has taken over.`);
        return json({ processor_id, status: 'ok' });
      },
    },
    {
      method: 'get',
      path: '/processors/:id',
      tag: 'processors',
      summary: 'One processor',
      answers: { 200: { description: 'The processor', schema: PROCESSOR }, ...NOT_FOUND },
      handle: async ({ params }) => json(view(await found(params['id']))),
    },
    {
      method: 'put',
      path: '/processors/:id',
      tag: 'processors',
      summary: 'Changes the registration of a processor; the run that holds it stays the same',
      body: { type: 'object', description: 'The fields to change' },
      answers: {
        200: { description: 'The registration as it is now', schema: registrationSchema },
        409: { description: 'Another run of it registered meanwhile' },
        422: { description: 'The registration would have faults' },
        ...NOT_FOUND,
      },
      async handle({ params, body }) {
        const { registration } = await found(params['id']);
        const changes = typeof body === 'object' && body !== null ? body : {};
        // What its frames depend on stays as it is.
        const { id, instance_id, queue, group, completion, state, registered_at } = registration;
        const request = decodeRegistration(
          { ...registration, ...changes, id, instance_id, queue, group, completion },
          keys,
        );
        if (!request.ok) throw invalid('The registration', request.faults);
        const changed = await registry.change({
          ...registration,
          ...request.value,
          id,
          instance_id,
          queue,
          group,
          completion,
          state,
          registered_at,
        });
        if (!changed)
          throw new Problem(409, `Another run of processor ${id} registered meanwhile; look again.`);
        await refreshFleet();
        return json(changed);
      },
    },
    {
      method: 'delete',
      path: '/processors/:id',
      tag: 'processors',
      summary: 'A processor leaves; what is left in its queue goes to others',
      answers: {
        200: {
          description: 'It has left',
          schema: object({ id: STRING, status: STRING, frames_returned: NUMBER }),
        },
        ...NOT_FOUND,
      },
      async handle({ params }) {
        const id = params['id'] ?? '';
        const registration = await registry.remove(id);
        if (!registration) throw noProcessor(id);
        await refreshFleet();
        return json({ id, status: 'left', frames_returned: await takeBack(registration) });
      },
    },
    {
      method: 'get',
      path: '/processors/:id/health',
      tag: 'processors',
      summary: 'The last heartbeat of a processor',
      answers: {
        200: {
          description: 'Its health',
          schema: object({
            id: STRING,
            alive: { type: 'boolean' },
            state: processorState.jsonSchema,
            health: { anyOf: [HEALTH, { type: 'null' }] },
          }),
        },
        ...NOT_FOUND,
      },
      async handle({ params }) {
        const { registration, health } = await found(params['id']);
        return json({
          id: registration.id,
          alive: health !== undefined,
          state: registration.state,
          health: health ?? null,
        });
      },
    },
    stateRoute('drain', 'draining', 'Gives a processor no more frames; it finishes what it has'),
    stateRoute('isolate', 'isolated', 'Gives a processor no frames until it is restored'),
    stateRoute('restore', 'active', 'Gives a drained or isolated processor frames again'),
  ];
}
