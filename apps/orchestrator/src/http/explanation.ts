import { oneOf } from '@frame-buffer/models';
import * as t from 'io-ts';

const decisionCodec = t.union([
  t.type({ processorId: t.string, reason: t.string, load: t.number }),
  t.type({
    reason: t.literal('none'),
    why: oneOf('no_processor', 'unavailable', 'no_credit', 'constraints'),
  }),
]);

/** A decision of the router as JSON: what was decided, and every candidate with its score and what excluded it. */
export const explanationCodec = t.intersection([
  t.type({
    strategy: t.string,
    decision: decisionCodec,
    candidates: t.array(
      t.intersection([
        t.type({
          processorId: t.string,
          outstanding: t.number,
          capacity: t.number,
          load: t.number,
          score: t.number,
        }),
        t.partial({ excluded: t.string }),
      ]),
    ),
  }),
  t.partial({ capability: t.string }),
]);
