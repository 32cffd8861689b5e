import {
  capabilityName,
  decodeHeartbeat,
  decodeRegistration,
  heartbeat,
  instanceId,
  type KeyNames,
  processorId,
  registration as registrationCodec,
  type Registration,
  type RegistrationRequest,
  registrationRequest,
} from '@frame-buffer/models';
import type { ProcessorRecord, Registry } from '@frame-buffer/registry';
import * as t from 'io-ts';
import type { TakeBack } from '../departure.ts';
import type { Fleet } from '../fleet.ts';
import {
  heardCodec,
  leftCodec,
  processorCodec,
  processorHealthCodec,
  registeredCodec,
  scriptsFor,
} from './processor-answers.ts';
import { invalid, noProcessor, Problem } from './problem.ts';
import { wholeNumber } from './input-codecs.ts';
import { changed, changedRegistration } from './registration-change.ts';
import { json, type Route, route, type RouteReply } from './route.ts';

export interface ProcessorRoutesOptions {
  readonly registry: Registry;
  readonly fleet: Fleet;
  readonly keys: KeyNames;
  readonly takeBack: TakeBack;
  /** Brings the fleet in line with the registry, so that what was answered holds here at once. */
  readonly refreshFleet: () => Promise<void>;
}

const NOT_FOUND = { 404: { description: 'There is no such processor' } };
const MAX_PAGE = 10_000;

const processorsQuery = {
  capability: { description: 'Only processors with this capability', schema: capabilityName },
  limit: { description: 'At most this many; all where it is left out', schema: wholeNumber(1, MAX_PAGE) },
  after: { description: 'Only ids that come after this one: the next page', schema: processorId },
};
const ofRunQuery = {
  instance_id: {
    description: 'Only this run of the processor; whichever it is where this is left out',
    schema: instanceId,
  },
};
const REPLACED = { 409: { description: 'Another run of it has taken this id over' } };

interface ProcessorsQuery {
  readonly capability: string | undefined;
  readonly limit: number | undefined;
  readonly after: string | undefined;
}

/** The fields to change; what they may be depends on the others, so all of them are judged together. */
const changeCodec = t.UnknownRecord;

/** RFC 8288; relative to the address that was asked. */
function nextPage(query: Record<string, string | number | undefined>): string {
  const given = Object.entries(query).flatMap(([name, value]) =>
    value === undefined ? [] : [[name, String(value)]],
  );
  return `<?${new URLSearchParams(given).toString()}>; rel="next"`;
}

/** Registration, heartbeats and state of the processors. */
export function processorRoutes({
  registry,
  fleet,
  keys,
  takeBack,
  refreshFleet,
}: ProcessorRoutesOptions): Route[] {
  const view = ({ registration, health }: ProcessorRecord): Registration & Record<string, unknown> => {
    const member = fleet.get(registration.id);
    return {
      ...registration,
      alive: health !== undefined,
      outstanding: member ? member.reported + member.unconfirmed : null,
      health: health ?? null,
    };
  };

  async function register(request: RegistrationRequest): Promise<RouteReply> {
    let outcome = await registry.register(request);
    while (outcome.kind === 'unsettled') {
      await takeBack(outcome.registration, 'another run of this processor registered');
      outcome = await registry.register(request);
    }
    if (outcome.kind === 'conflict') {
      throw new Problem(
        409,
        `Processor ${request.id} is already registered and was seen alive in the last seconds. ` +
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
    const { registration } = outcome;
    await refreshFleet();
    return json({ ...registration, ...scriptsFor(registration, keys), status: 'registered' }, 201);
  }

  async function list(query: ProcessorsQuery): Promise<RouteReply> {
    const { capability, limit, after } = query;
    const matching = (await registry.list())
      .filter(({ registration: { id, capabilities } }) => {
        const isWanted = capability === undefined || capabilities.includes(capability);
        return isWanted && (after === undefined || id > after);
      })
      .sort((a, b) => (a.registration.id < b.registration.id ? -1 : 1));
    const page = matching.slice(0, limit);
    const last = page.at(-1);
    const reply = json(page.map(view));
    return last && page.length < matching.length
      ? { ...reply, headers: { Link: nextPage({ capability, limit, after: last.registration.id }) } }
      : reply;
  }

  async function found(id: string | undefined): Promise<ProcessorRecord> {
    const record = await registry.get(id ?? '');
    if (!record) throw noProcessor(id ?? '');
    return record;
  }

  const replaced = (id: string): Problem => new Problem(409, `Another run of ${id} has taken over.`);
  /** Why there was nothing to change. */
  const missing = async (id: string): Promise<Problem> =>
    (await registry.get(id)) ? replaced(id) : noProcessor(id);

  const stateRoute = (verb: string, state: Registration['state'], summary: string): Route =>
    route({
      method: 'post',
      path: `/processors/:id/${verb}`,
      tag: 'processors',
      summary,
      query: ofRunQuery,
      answers: {
        200: { description: 'The processor as it is now', schema: registrationCodec },
        ...NOT_FOUND,
        ...REPLACED,
      },
      async handle({ params, query }) {
        const id = params['id'] ?? '';
        const changed = await registry.setState(id, state, query.instance_id);
        if (!changed) throw await missing(id);
        await refreshFleet();
        return json(changed);
      },
    });

  return [
    route({
      method: 'post',
      path: '/processors/register',
      tag: 'processors',
      summary: 'Registers a processor; its queue and group exist when this answers',
      body: {
        what: 'The registration',
        codec: registrationRequest,
        decode: (input) => decodeRegistration(input, keys),
      },
      answers: {
        201: { description: 'Registered', schema: registeredCodec },
        409: { description: 'Another run holds this id and is alive, or another processor has this queue' },
      },
      handle: ({ body }) => register(body),
    }),
    ...(['/processors', '/processors/search'] as const).map((path) =>
      route({
        method: 'get',
        path,
        tag: 'processors',
        summary: 'Lists the processors, or those with a capability, by id',
        query: processorsQuery,
        answers: {
          200: {
            description: 'The processors; with a limit, the header Link names the next page',
            schema: t.array(processorCodec),
          },
        },
        handle: ({ query }) => list(query),
      }),
    ),
    route({
      method: 'post',
      path: '/processors/heartbeat',
      tag: 'processors',
      summary: "Renews a processor's lease",
      body: { what: 'The heartbeat', codec: heartbeat, decode: decodeHeartbeat },
      answers: {
        200: { description: 'The lease is renewed', schema: heardCodec },
        404: { description: 'Unknown here: register again' },
        ...REPLACED,
      },
      async handle({ body }) {
        const { processor_id } = body;
        const outcome = await registry.heartbeat(body);
        if (outcome === 'unknown') throw noProcessor(processor_id);
        if (outcome === 'replaced') throw replaced(processor_id);
        return json({ processor_id, status: 'ok' });
      },
    }),
    {
      method: 'get',
      path: '/processors/:id',
      tag: 'processors',
      summary: 'One processor',
      answers: { 200: { description: 'The processor', schema: processorCodec }, ...NOT_FOUND },
      handle: async ({ params }) => json(view(await found(params['id']))),
    },
    route({
      method: 'put',
      path: '/processors/:id',
      tag: 'processors',
      summary: 'Changes the registration of a processor; the run that holds it stays the same',
      body: { what: 'The change', codec: changeCodec },
      answers: {
        200: { description: 'The registration as it is now', schema: registrationCodec },
        409: { description: 'Another run of it registered meanwhile' },
        422: {
          description:
            'The registration would have faults, or a field has another value that can not be changed: id, instance_id, queue, group, completion, registered_at, state',
        },
        ...NOT_FOUND,
      },
      async handle({ params, body }) {
        const { registration } = await found(params['id']);
        const wanted = changedRegistration(registration, body, keys);
        const now = changed(await registry.change(wanted), wanted);
        await refreshFleet();
        return json(now);
      },
    }),
    route({
      method: 'delete',
      path: '/processors/:id',
      tag: 'processors',
      summary: 'A processor leaves; what is left in its queue goes to others',
      query: ofRunQuery,
      answers: {
        200: { description: 'It has left', schema: leftCodec },
        ...NOT_FOUND,
        ...REPLACED,
      },
      async handle({ params, query }) {
        const id = params['id'] ?? '';
        const registration = await registry.remove(id, query.instance_id);
        if (!registration) throw await missing(id);
        await refreshFleet();
        return json({ id, status: 'left', frames_returned: await takeBack(registration) });
      },
    }),
    {
      method: 'get',
      path: '/processors/:id/health',
      tag: 'processors',
      summary: 'The last heartbeat of a processor',
      answers: {
        200: { description: 'Its health', schema: processorHealthCodec },
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
