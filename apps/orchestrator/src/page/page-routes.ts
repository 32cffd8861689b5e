import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import * as t from 'io-ts';
import { Problem } from '../http/problem.ts';
import type { Route, RouteReply } from '../http/route.ts';
import type { LivePage } from './live-page.ts';

/** The page's own files lie beside `src` and `dist`, so both find them. */
const FILES = fileURLToPath(new URL('../../web/', import.meta.url));
const require = createRequire(import.meta.url);

const TYPES: Readonly<Record<string, string>> = {
  html: 'text/html; charset=utf-8',
  css: 'text/css; charset=utf-8',
  js: 'text/javascript; charset=utf-8',
  svg: 'image/svg+xml',
};
/** Nothing but what comes from here: no inline script or style, no other host. */
const POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self' data:",
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ');

const SCRIPTS = [
  'main',
  'actions',
  'cameras',
  'dead-letters',
  'element',
  'figures',
  'flow-chart',
  'format',
  'frame-search',
  'keyed-rows',
  'processors',
  'stream',
  'verdict',
];

/** The live page, its files, and the events that keep it live. */
export function pageRoutes(page: LivePage): Route[] {
  const file = (path: string, name: string, location: () => string): Route => {
    let content: Buffer | undefined;
    return {
      method: 'get',
      path,
      tag: 'observation',
      summary: `A file of the live page: ${name}`,
      documented: false,
      answers: { 200: { description: 'The file' } },
      handle(): RouteReply {
        content ??= readFileSync(location());
        const contentType = TYPES[name.slice(name.lastIndexOf('.') + 1)] ?? 'application/octet-stream';
        // Small and served by a process that may be another version tomorrow.
        const headers = { 'Content-Security-Policy': POLICY, 'Cache-Control': 'no-cache' };
        return { status: 200, body: content, contentType, headers };
      },
    };
  };
  const own = (name: string, path = `/page/${name}`): Route => file(path, name, () => `${FILES}${name}`);
  const chart = (name: string, module: string): Route =>
    file(`/page/${name}`, name, () => require.resolve(module));

  return [
    { ...own('index.html', '/'), documented: true, summary: 'The live page', answers: PAGE_ANSWER },
    ...SCRIPTS.map((name) => own(`${name}.js`)),
    own('page.css'),
    own('icon.svg'),
    chart('uplot.js', 'uplot/dist/uPlot.esm.js'),
    chart('uplot.css', 'uplot/dist/uPlot.min.css'),
    {
      method: 'get',
      path: '/events',
      tag: 'observation',
      summary:
        'The state of everything once a second, as server-sent events: `history` once, then `state`; and `alert` when the pressure on a capability becomes critical',
      answers: {
        200: {
          description: 'Events until the client leaves',
          contentType: 'text/event-stream',
          schema: t.string,
        },
        503: { description: 'As many listen already as may' },
      },
      handle() {
        if (page.hub.full()) throw new Problem(503, 'As many as may already watch this orchestrator.');
        const greeting = [
          { name: 'history', data: page.history() },
          { name: 'state', data: page.state() },
        ];
        return {
          status: 200,
          contentType: 'text/event-stream',
          headers: { 'Cache-Control': 'no-store', 'X-Accel-Buffering': 'no' },
          stream: (out, signal) => page.hub.serve(out, signal, greeting),
        };
      },
    },
  ];
}

const PAGE_ANSWER = { 200: { description: 'HTML', contentType: 'text/html', schema: t.string } };
