/** Requests made from the interface's own document, and rubbish: whatever comes, it answers as documented, soon, and with no 5xx. */
import { Writable } from 'node:stream';
import { type JsonSchema, keyNames } from '@frame-buffer/models';
import { createLogger } from '@frame-buffer/telemetry';
import { type RedisServer, startRedis } from '@frame-buffer/testing';
import fc from 'fast-check';
import { Redis } from 'ioredis';
import { type Orchestrator, startOrchestrator } from '../compose.ts';
import { readConfig } from '../config.ts';
import { type CheckedClient, checkedClient, type Operation } from '../test-support/checked-client.ts';

const SEED = 20_260_131;
const RUNS = 1_200;
const MORE_RUNS = 200;
const HANG_MS = 12_000;
/** Ids that are there, so that more than 404 is met. */
const IDS = ['p1', 'p2', '1-1', '1-2', '1-3', 'complete'];
const keys = keyNames();
/** What was deleted or sent again is there again after so many requests. */
const SEEDED_EVERY = 10;

const logger = createLogger({
  service: 'fuzz',
  stream: new Writable({ write: (_chunk, _encoding, done) => done() }),
});
let server: RedisServer;
let orchestrator: Orchestrator;
let client: CheckedClient;
let redis: Redis;

beforeAll(async () => {
  server = await startRedis();
  redis = new Redis(server.url);
  const outcome = readConfig({
    REDIS_URL: server.url,
    PORT: '0',
    HOST: '127.0.0.1',
    MAX_REQUESTS_PER_SECOND: '100000',
  });
  if (!outcome.ok) throw new Error(outcome.faults.join());
  orchestrator = await startOrchestrator(outcome.config, logger);
  // Clients may register fields that nobody knows, and find them in the answers.
  client = await checkedClient(orchestrator.url, {
    strict: false,
    signal: () => AbortSignal.timeout(HANG_MS),
  });
});
afterAll(async () => {
  await orchestrator.stop();
  redis.disconnect();
  await logger.close();
  await server.stop();
});

/** Processors, dead letters and a frame under the ids that are asked for. */
async function seed(run: number): Promise<void> {
  for (const id of ['p1', 'p2'])
    await client.ask('POST', '/processors/register', {
      id,
      capabilities: ['detect'],
      capacity: 4,
      takeover: true,
    });
  // An id that was there before is refused: the stream begins anew. The books count dead letters themselves.
  await redis.del(keys.deadLetter);
  for (const id of ['1-1', '1-2', '1-3']) await redis.xadd(keys.deadLetter, id, 'frame_id', id);
  if (run > 0) return;
  await redis.xadd(keys.input, '*', 'frame_id', 'p1', 'camera_id', 'c1', 'detection_type', 'detect');
}

interface Asked {
  readonly operation: Operation;
  readonly path: string;
  readonly body: string | undefined;
}

const rubbishText = fc.oneof(fc.string({ maxLength: 40 }), fc.string({ unit: 'binary', maxLength: 20 }));
const rubbishJson = fc.oneof(
  fc.jsonValue({ maxDepth: 6 }),
  fc.constantFrom(null, [], {}, 0, -1, 1e308, '', true, { __proto__: 1 }, 'x'.repeat(70_000)),
  fc.integer({ min: 60, max: 20_000 }).map((depth) => nested(depth)),
);

/** JSON text, as this deep a value can't be written by JSON.stringify. */
function nested(depth: number): { toJSON(): unknown; text: string } {
  return { text: `${'[{"a":'.repeat(depth)}1${'}]'.repeat(depth)}`, toJSON: () => 'nested' };
}

function textOf(value: unknown): string {
  const text = (value as { text?: unknown } | null)?.text;
  return typeof text === 'string' && text.startsWith('[{"a":[{') ? text : (JSON.stringify(value) ?? '');
}

const frame = fc.record(
  {
    frame_id: fc.constantFrom(...IDS),
    camera_id: fc.string({ minLength: 1, maxLength: 20 }),
    timestamp: fc.oneof(fc.constant('2026-01-31 12:00:00.5'), rubbishText),
    priority: fc.oneof(fc.integer({ min: 0, max: 10 }), rubbishJson),
    detection_type: fc.constantFrom('detect', 'read'),
    metadata: fc.oneof(fc.constant('{"capabilities":["detect","read"]}'), rubbishJson.map(textOf)),
  },
  { requiredKeys: ['frame_id', 'camera_id'] },
);

/** Values that fit a schema, and now and then one that doesn't. */
function fitting(schema: JsonSchema): fc.Arbitrary<unknown> {
  return fc.oneof({ weight: 40, arbitrary: valid(schema) }, { weight: 1, arbitrary: rubbishJson });
}

function valid(schema: JsonSchema): fc.Arbitrary<unknown> {
  const {
    anyOf,
    properties,
    required = [],
    items,
    pattern,
    minimum,
    maximum,
    minItems,
    maxItems,
  } = schema as {
    anyOf?: JsonSchema[];
    properties?: Record<string, JsonSchema>;
    required?: string[];
    items?: JsonSchema;
    additionalProperties?: JsonSchema;
    pattern?: string;
    minimum?: number;
    maximum?: number;
    minItems?: number;
    maxItems?: number;
  };
  if (Array.isArray(schema['examples'])) return fc.constantFrom(...(schema['examples'] as unknown[]));
  if (Array.isArray(schema['enum'])) return fc.constantFrom(...(schema['enum'] as unknown[]));
  if ('const' in schema) return fc.constant(schema['const']);
  if (anyOf) return fc.oneof(...anyOf.map(valid));
  switch (schema['type']) {
    case 'string':
      if (pattern !== undefined)
        return fc.oneof(fc.stringMatching(new RegExp(pattern)), {
          weight: 2,
          arbitrary: fc.constantFrom(...IDS),
        });
      return fc.oneof(
        fc.string({
          minLength: Number(schema['minLength'] ?? 0),
          maxLength: Math.min(Number(schema['maxLength'] ?? 60), 60),
        }),
        fc.constantFrom('frames:ready:p1', 'frames:results', ...IDS),
      );
    case 'integer':
      return fc.integer({ min: minimum ?? 0, max: Math.min(maximum ?? 2 ** 31, 2 ** 31) });
    case 'number':
      return fc.double({ noNaN: true, noDefaultInfinity: true });
    case 'boolean':
      return fc.boolean();
    case 'array':
      return fc.array(fitting(items ?? {}), {
        minLength: minItems ?? 0,
        maxLength: Math.min(maxItems ?? 4, 4),
      });
    case 'object': {
      if (!properties)
        return fc.oneof(fc.dictionary(fc.string({ maxLength: 10 }), rubbishJson, { maxKeys: 4 }), frame);
      const fields = Object.entries(properties).map(([name, field]): [string, fc.Arbitrary<unknown>] => [
        name,
        fitting(field),
      ]);
      const needed = fields.filter(([name]) => required.includes(name));
      return fc.oneof(
        { weight: 2, arbitrary: fc.record(Object.fromEntries(fields), { requiredKeys: required }) },
        fc.record(Object.fromEntries(needed)),
      );
    }
    default:
      return rubbishJson;
  }
}

function asking(operation: Operation): fc.Arbitrary<Asked> {
  const parameter = (schema: JsonSchema): fc.Arbitrary<string> =>
    fc.oneof(valid(schema).map(String), fc.constantFrom(...IDS), rubbishText);
  const inPath = operation.parameters.filter((given) => given.in === 'path');
  const inQuery = operation.parameters.filter((given) => given.in === 'query');
  return fc
    .record({
      path: fc.tuple(...inPath.map(({ schema }) => parameter(schema))),
      query: fc.record(Object.fromEntries(inQuery.map(({ name, schema }) => [name, parameter(schema)])), {
        requiredKeys: [],
      }),
      body: operation.body
        ? fc.oneof({ weight: 12, arbitrary: fitting(operation.body).map(textOf) }, rubbishText)
        : fc.constant(undefined),
      prefix: fc.constantFrom('', '/api/v1'),
    })
    .map(({ path, query, body, prefix }) => {
      const values = [...path];
      // An empty segment, or one of dots, is another path.
      const segment = (): string =>
        encodeURIComponent(wellFormed(values.shift() ?? '').replace(/^\.{0,2}$/, '-'));
      const asked = new URLSearchParams(
        Object.entries(query).map(([name, value]) => [name, wellFormed(value ?? '')]),
      );
      return {
        operation,
        path: `${prefix}${operation.path.replace(/\{\w+\}/g, segment)}?${asked}`,
        body,
      };
    });
}

const wellFormed = (text: string): string => text.toWellFormed();

const isAccepted = ({ operationId }: Operation): boolean =>
  [...(client.seen.get(operationId) ?? [])].some((status) => status < 300);

describe('the interface', () => {
  it('answers anything as its document says, with no 5xx and no hang', async () => {
    // A stream of events goes on and on; it takes no input.
    const operations = client.operations.filter(
      ({ responses }) => !responses[200]?.content['text/event-stream'],
    );
    const anything = fc.oneof(...operations.map(asking));
    let run = 0;
    await fc.assert(
      fc.asyncProperty(anything, async ({ operation, path, body }) => {
        if (run % SEEDED_EVERY === 0) await seed(run);
        run++;
        const { status, body: answer } = await client.ask(operation.method, path, body);
        if (status >= 500) throw new Error(`${status}: ${JSON.stringify(answer)}`);
      }),
      { seed: SEED, numRuns: RUNS, interruptAfterTimeLimit: 60_000, endOnFailure: true },
    );
    // Every operation was reached, and with something that it accepts; one that chance has left out gets more of it.
    for (const operation of operations) {
      if (isAccepted(operation)) continue;
      for (const { path, body } of fc.sample(asking(operation), { seed: SEED, numRuns: MORE_RUNS })) {
        await seed(1);
        await client.ask(operation.method, path, body);
        if (isAccepted(operation)) break;
      }
    }
    expect([...client.seen.keys()].sort()).toEqual(operations.map(({ operationId }) => operationId).sort());
    const refused = operations.filter((operation) => !isAccepted(operation));
    expect(refused.map(({ method, path }) => `${method} ${path}`)).toEqual([]);
  }, 90_000);

  it('is still there afterwards, and its books balance', async () => {
    expect((await client.ask('GET', '/health/live')).status).toBe(200);
    expect((await client.ask('GET', '/frames/ledger')).body).toMatchObject({ unaccounted: 0 });
  });
});
