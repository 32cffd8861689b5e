/** What the routes of the processors answer, beside the registrations themselves. */
import {
  type KeyNames,
  nullable,
  processorId,
  processorState,
  type Registration,
  registration as registrationCodec,
} from '@frame-buffer/models';
import {
  completionCall,
  completionScriptSource,
  giveBackCall,
  giveBackScriptSource,
} from '@frame-buffer/stream-consumer';
import * as t from 'io-ts';

const healthCodec = t.intersection([
  t.type({ status: t.string, received_at_ms: t.number }),
  t.partial({ active_tasks: t.number, metrics: t.UnknownRecord }),
]);
export const processorCodec = t.intersection([
  registrationCodec,
  t.type({
    /** Whether its lease holds. */
    alive: t.boolean,
    /** Frames queued and in process, as last counted; null where it isn't known here yet. */
    outstanding: nullable(t.number),
    health: nullable(healthCodec),
  }),
]);
export const processorHealthCodec = t.type({
  id: processorId,
  alive: t.boolean,
  state: processorState,
  health: nullable(healthCodec),
});
const scriptCodec = t.type({ source: t.string, keys: t.array(t.string), request: t.UnknownRecord });
export const registeredCodec = t.intersection([
  registrationCodec,
  t.type({ status: t.literal('registered') }),
  t.partial({ scripts: t.type({ complete: scriptCodec, 'give-back': scriptCodec }) }),
]);
export const heardCodec = t.type({ processor_id: processorId, status: t.literal('ok') });
export const leftCodec = t.type({ id: processorId, status: t.literal('left'), frames_returned: t.number });

/**
 * The scripts with which a processor in another language finishes frames, ready to run: it adds to the request what concerns the
 * frame. None for one that only acknowledges.
 */
export function scriptsFor(registration: Registration, keys: KeyNames): { readonly scripts?: object } {
  if (registration.completion === 'acknowledge') return {};
  const options = { ...registration, keys, queue: registration, processorId: registration.id };
  return {
    scripts: {
      complete: { source: completionScriptSource, ...completionCall(options) },
      'give-back': { source: giveBackScriptSource, ...giveBackCall(options) },
    },
  };
}
