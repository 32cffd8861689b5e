import type { Route } from './route.ts';
import { changesSomething } from './route.ts';

const PROBLEM = {
  type: 'object',
  required: ['type', 'title', 'status', 'detail'],
  properties: {
    type: { type: 'string' },
    title: { type: 'string' },
    status: { type: 'integer' },
    detail: { type: 'string' },
    instance: { type: 'string' },
    errors: {
      type: 'array',
      items: {
        type: 'object',
        required: ['field', 'value', 'expected'],
        properties: { field: { type: 'string' }, value: { type: 'string' }, expected: { type: 'string' } },
      },
    },
  },
};

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
    },
    servers: [{ url: '/api/v1' }, { url: '/' }],
    paths,
    components: {
      schemas: { Problem: PROBLEM },
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
    schema,
  }));
  return {
    operationId: `${route.method}${route.path.replace(/[/:_-]+(\w)/g, (_match, letter: string) => letter.toUpperCase())}`,
    summary: route.summary,
    tags: [route.tag],
    parameters: [...pathParameters, ...queryParameters],
    ...(route.body
      ? { requestBody: { required: true, content: { 'application/json': { schema: route.body } } } }
      : {}),
    responses: Object.fromEntries(
      Object.entries(route.answers).map(([status, answer]) => [status, response(Number(status), answer)]),
    ),
    ...(changesSomething(route) ? { security: [{ token: [] }, {}] } : {}),
  };
}

function response(status: number, { description, schema, contentType }: Route['answers'][number]): object {
  if (status >= 400 && !schema) {
    return {
      description,
      content: { 'application/problem+json': { schema: { $ref: '#/components/schemas/Problem' } } },
    };
  }
  return { description, content: { [contentType ?? 'application/json']: { schema: schema ?? {} } } };
}
