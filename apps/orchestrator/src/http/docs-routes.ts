import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import * as t from 'io-ts';
import { json, type Route, type RouteReply } from './route.ts';

/** Where Swagger UI's files are: served from here, so that the page works without the internet. */
const SWAGGER_UI = dirname(createRequire(import.meta.url).resolve('swagger-ui-dist/package.json'));
const FILES = {
  'swagger-ui.css': 'text/css; charset=utf-8',
  'swagger-ui-bundle.js': 'text/javascript; charset=utf-8',
  'favicon-32x32.png': 'image/png',
} as const;
const KEPT = { 'Cache-Control': 'max-age=3600' };

/** Addresses are relative, so that it works under /api/v1 and behind a proxy's own prefix. */
const PAGE = `<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8">
    <meta name="viewport" content="width=device-width, initial-scale=1">
    <title>Frame Buffer: the interface</title>
    <link rel="icon" href="docs/favicon-32x32.png">
    <link rel="stylesheet" href="docs/swagger-ui.css">
  </head>
  <body>
    <div id="interface"></div>
    <script src="docs/swagger-ui-bundle.js"></script>
    <script src="docs/start.js"></script>
  </body>
</html>
`;
const START = `SwaggerUIBundle({
  url: new URL('openapi.json', location.href).href,
  dom_id: '#interface',
  deepLinking: true,
  persistAuthorization: true,
  validatorUrl: null,
});
`;

const documentCodec = t.type({
  openapi: t.string,
  info: t.UnknownRecord,
  servers: t.array(t.type({ url: t.string })),
  paths: t.UnknownRecord,
  components: t.UnknownRecord,
});

/** The interface as a document, and as a page to read and to try it. @param document called when it is asked for */
export function docsRoutes(document: () => object): Route[] {
  const file = (name: string, handle: () => Promise<RouteReply> | RouteReply): Route => ({
    method: 'get',
    path: `/docs/${name}`,
    tag: 'observation',
    summary: 'A file of the page at /docs',
    answers: {},
    documented: false,
    handle,
  });
  return [
    {
      method: 'get',
      path: '/openapi.json',
      tag: 'observation',
      summary: 'This interface as an OpenAPI 3.1 document',
      answers: { 200: { description: 'The document', schema: documentCodec } },
      handle: () => json(document()),
    },
    {
      method: 'get',
      path: '/docs',
      tag: 'observation',
      summary: 'This interface as a page, to try it',
      answers: { 200: { description: 'The page', contentType: 'text/html', schema: t.string } },
      handle: () => ({ status: 200, body: PAGE, contentType: 'text/html; charset=utf-8' }),
    },
    file('start.js', () => ({
      status: 200,
      body: START,
      contentType: 'text/javascript; charset=utf-8',
      headers: KEPT,
    })),
    ...Object.entries(FILES).map(([name, contentType]) =>
      file(name, async () => ({
        status: 200,
        body: await readFile(join(SWAGGER_UI, name)),
        contentType,
        headers: KEPT,
      })),
    ),
  ];
}
