import { completionScriptSource, giveBackScriptSource } from '@frame-buffer/stream-consumer';
import * as t from 'io-ts';
import { Problem } from './problem.ts';
import { type Route } from './route.ts';

/** What a processor in another language runs in Redis; the names are part of the protocol. */
const SCRIPTS: ReadonlyMap<string, string> = new Map([
  ['complete', completionScriptSource],
  ['give-back', giveBackScriptSource],
]);

/** The scripts as this orchestrator itself would run them, includes and all. */
export function scriptRoute(): Route {
  return {
    method: 'get',
    path: '/scripts/:name',
    tag: 'processors',
    summary: 'The Lua source of a script for processors in other languages: complete, give-back',
    answers: {
      200: { description: 'The source', contentType: 'text/plain', schema: t.string },
      404: { description: 'There is no script of this name' },
    },
    handle({ params }) {
      const name = params['name'] ?? '';
      const body = SCRIPTS.get(name);
      if (body === undefined)
        throw new Problem(404, `There is no script ${name}; there are ${[...SCRIPTS.keys()].join(' and ')}.`);
      return { status: 200, body, contentType: 'text/plain' };
    },
  };
}
