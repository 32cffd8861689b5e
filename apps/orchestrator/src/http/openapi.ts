import { type JsonSchema, jsonSchemaOf } from '@frame-buffer/models';
import { MAX_BODY_KIB } from './json-body.ts';
import { problemCodec } from './problem.ts';
import { REQUEST_ID_HEADER } from './request-id.ts';
import { changesSomething, type Route, type RouteAnswer } from './route.ts';

/** The OpenAPI 3.1 document, made from the routes that serve and the codecs that validate. */
export function openApiDocument(routes: readonly Route[], version: string): object {
  const paths: Record<string, Record<string, object>> = {};
  for (const route of routes) {
    if (route.documented === false) continue;
    const path = route.path.replace(/:(\w+)/g, '{$1}');
    (paths[path] ??= {})[route.method] = operation(route);
  }
  return {
    openapi: '3.1.0',
    info: {
      title: 'Frame Buffer orchestrator',
      version,
      description: 'Every path is also served under /api/v1.',
      license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
    },
    servers: [{ url: '/api/v1' }, { url: '/' }],
    paths,
    components: {
      schemas: { Problem: jsonSchemaOf(problemCodec) },
      headers: {
        RequestId: {
          description: "The client's own id of this request, or a new one",
          schema: { type: 'string' },
        },
      },
      securitySchemes: { token: { type: 'http', scheme: 'bearer' } },
    },
  };
}

function operation(route: Route): object {
  const pathParameters = [...route.path.matchAll(/:(\w+)/g)].map(([, name]) => ({
    name,
    in: 'path',
    required: true,
    schema: { type: 'string' },
  }));
  const queryParameters = Object.entries(route.query ?? {}).map(([name, { description, schema }]) => ({
    name,
    in: 'query',
    required: false,
    description,
    schema: jsonSchemaOf(schema),
  }));
  return {
    operationId: `${route.method}${route.path.replace(/[/:_.-]+(\w)/g, (_match, letter: string) => letter.toUpperCase())}`,
    summary: route.summary,
    tags: [route.tag],
    parameters: [...pathParameters, ...queryParameters],
    ...(route.body
      ? {
          requestBody: {
            required: true,
            content: { 'application/json': { schema: jsonSchemaOf(route.body.codec) } },
          },
        }
      : {}),
    responses: Object.fromEntries(
      Object.entries({ ...answersOfAny(route), ...route.answers }).map(([status, answer]) => [
        status,
        response(Number(status), answer),
      ]),
    ),
    ...(changesSomething(route) ? { security: [{ token: [] }, {}] } : {}),
  };
}

/** What the server answers before or instead of the route itself. */
function answersOfAny({ body, query = {}, ...route }: Route): Record<number, RouteAnswer> {
  const answers: Record<number, RouteAnswer> = {
    400: { description: 'The request, or its body, can not be read' },
    429: { description: 'Too many requests from one address; Retry-After says when to ask again' },
    500: { description: 'Something went wrong here' },
    503: { description: 'Redis is out of reach' },
  };
  if (changesSomething(route)) {
    answers[401] = { description: 'The API token is needed' };
    answers[403] = { description: 'Without a token: a page of another origin asks for it' };
  }
  if (body) answers[413] = { description: `The body is larger than ${MAX_BODY_KIB} KiB` };
  if (body || Object.keys(query).length > 0)
    answers[422] = { description: 'The input has faults; all of them are listed' };
  return answers;
}

function response(status: number, { description, schema, contentType }: RouteAnswer): object {
  const content =
    status >= 400 && !schema
      ? {
          'application/problem+json': {
            schema: { $ref: '#/components/schemas/Problem' } satisfies JsonSchema,
          },
        }
      : { [contentType ?? 'application/json']: { schema: schema ? jsonSchemaOf(schema) : {} } };
  return {
    description,
    headers: { [REQUEST_ID_HEADER]: { $ref: '#/components/headers/RequestId' } },
    content,
  };
}
