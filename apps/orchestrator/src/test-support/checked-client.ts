import type { JsonSchema } from '@frame-buffer/models';
import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';

export interface Answer {
  readonly status: number;
  readonly type: string;
  readonly headers: Headers;
  readonly body: Record<string, unknown> & { errors?: { field: string }[]; detail?: string };
}

export interface Operation {
  readonly method: string;
  /** With `{name}` for parameters. */
  readonly path: string;
  readonly operationId: string;
  readonly parameters: readonly { name: string; in: 'path' | 'query'; schema: JsonSchema }[];
  readonly body: JsonSchema | undefined;
  readonly responses: Readonly<Record<string, { content: Readonly<Record<string, { schema: JsonSchema }>> }>>;
}

export interface CheckedClient {
  readonly operations: readonly Operation[];
  /**
   * Asks, and checks the answer against the document: status, content type, request id and body, in which nothing may be that the
   * document doesn't name. @throws Error that says what differs
   */
  ask(method: string, path: string, body?: unknown, headers?: Record<string, string>): Promise<Answer>;
  /** Operation ids and the statuses that they have answered. */
  readonly seen: ReadonlyMap<string, ReadonlySet<number>>;
}

export interface CheckedClientOptions {
  /** Whether fields that the document doesn't name are a fault. */
  readonly strict?: boolean;
  readonly signal?: () => AbortSignal;
}

const PREFIX = '/api/v1';
const PROBLEM: JsonSchema = { $ref: '#/components/schemas/Problem' };

/** A client that holds every answer against the interface's own document. */
export async function checkedClient(
  url: string,
  { strict = true, signal = () => AbortSignal.timeout(15_000) }: CheckedClientOptions = {},
): Promise<CheckedClient> {
  const document = (await (await fetch(`${url}/openapi.json`)).json()) as Document;
  const ajv = new Ajv2020({ strict: false, allErrors: true });
  addFormats.default(ajv);
  const operations = operationsOf(document);
  const validators = new Map<JsonSchema, ValidateFunction>();
  const seen = new Map<string, Set<number>>();

  function validatorOf(schema: JsonSchema): ValidateFunction {
    let validator = validators.get(schema);
    if (!validator) {
      const whole = { ...schema, components: document.components };
      validators.set(schema, (validator = ajv.compile(strict ? closed(whole) : whole)));
    }
    return validator;
  }

  function check(
    operation: Operation | undefined,
    { status, type, headers, body }: Answer,
  ): string | undefined {
    if (!headers.get('x-request-id')) return 'the answer bears no X-Request-Id';
    // A path that isn't there, and a method that it doesn't take.
    if (!operation && ![400, 404, 405, 429].includes(status)) return 'no operation documents this';
    const content = operation
      ? operation.responses[status]?.content
      : { 'application/problem+json': { schema: PROBLEM } };
    if (!content) return `${operation?.operationId} documents no status ${status}`;
    const media = content[type.split(';')[0] ?? ''];
    if (!media) return `expected ${Object.keys(content).join()}, not ${type}`;
    const validate = validatorOf(media.schema);
    if (validate(type.includes('json') ? body : body['text'])) return undefined;
    return `${ajv.errorsText(validate.errors)} in ${JSON.stringify(body).slice(0, 500)}`;
  }

  return {
    operations,
    seen,
    async ask(method, path, body, headers = {}) {
      const init: RequestInit = { method, headers, signal: signal() };
      if (body !== undefined) init.body = typeof body === 'string' ? body : JSON.stringify(body);
      const response = await fetch(`${url}${path}`, init);
      const text = await response.text();
      const type = response.headers.get('content-type') ?? '';
      const answer: Answer = {
        status: response.status,
        type,
        headers: response.headers,
        body: type.includes('json') ? JSON.parse(text) : { text },
      };
      const operation = operationOf(operations, method, path);
      const fault = check(operation, answer);
      if (fault !== undefined)
        throw new Error(`${method} ${path} answered ${answer.status} against its document: ${fault}`);
      if (operation) {
        const statuses = seen.get(operation.operationId) ?? new Set();
        seen.set(operation.operationId, statuses.add(answer.status));
      }
      return answer;
    },
  };
}

interface Document {
  readonly paths: Readonly<Record<string, Readonly<Record<string, DocumentedOperation>>>>;
  readonly components: object;
}

interface DocumentedOperation extends Omit<Operation, 'method' | 'path' | 'body'> {
  readonly requestBody?: { content: { 'application/json': { schema: JsonSchema } } };
}

function operationsOf({ paths }: Document): Operation[] {
  return Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, { requestBody, ...operation }]) => ({
      ...operation,
      method: method.toUpperCase(),
      path,
      body: requestBody?.content['application/json'].schema,
    })),
  );
}

/** Of two that match, the one with the fewer parameters: a fixed name goes before `{id}`. */
function operationOf(operations: readonly Operation[], method: string, path: string): Operation | undefined {
  const plain = (path.startsWith(`${PREFIX}/`) ? path.slice(PREFIX.length) : path).split('?')[0] ?? '';
  const matching = operations.filter(
    (operation) =>
      operation.method === method &&
      new RegExp(`^${operation.path.replace(/\{\w+\}/g, '[^/]+')}$`).test(plain),
  );
  return matching.sort((a, b) => a.path.split('{').length - b.path.split('{').length)[0];
}

/** The same schema, but an object has no other properties than those that it names. */
function closed(schema: unknown): JsonSchema {
  if (Array.isArray(schema)) return schema.map(closed) as unknown as JsonSchema;
  if (typeof schema !== 'object' || schema === null) return schema as JsonSchema;
  const inner: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(schema)) inner[name] = closed(value);
  const namesItsProperties = inner['type'] === 'object' && 'properties' in inner;
  return namesItsProperties && !('additionalProperties' in inner)
    ? { ...inner, additionalProperties: false }
    : inner;
}
