import { nullable, oneOf } from '@frame-buffer/models';
import { LOG_LEVELS, type OwnedLogger } from '@frame-buffer/telemetry';
import * as t from 'io-ts';
import type { Journey } from '../journey.ts';
import { LEVEL_NAMES } from '@frame-buffer/backpressure';
import type { Pauses } from '../pauses.ts';
import type { Pressure } from '../pressure.ts';
import type { Fleet } from '../fleet.ts';
import type { LedgerWatch } from '../ledger-watch.ts';
import { Problem } from './problem.ts';
import { json, type Route, route } from './route.ts';

export interface ControlRoutesOptions {
  readonly journey: Journey;
  readonly pressure: Pressure;
  readonly pauses: Pauses;
  readonly fleet: Fleet;
  readonly ledger: LedgerWatch;
  readonly orchestratorId: string;
  readonly version: string;
  readonly routingStrategy: string;
  /** Whether Redis answers now. */
  readonly redisAnswers: () => Promise<boolean>;
  readonly metrics: { readonly contentType: string; text(): Promise<string> };
  /** Whose level can be changed; undefined where the program's logger has none. */
  readonly logs: Pick<OwnedLogger, 'level' | 'setLevel'> | undefined;
}

const logLevel = oneOf(...LOG_LEVELS);
const pressureLevel = oneOf(...LEVEL_NAMES);
const statusCodec = t.type({
  orchestrator_id: t.string,
  version: t.string,
  routing_strategy: t.string,
  started_at: t.string,
  /** By hand: nothing is read. */
  paused: t.boolean,
  /** Why less is read than could be: `manual` stops the reading, `automatic` (critical pressure) doesn't. */
  pauses: t.array(t.type({ source: oneOf('manual', 'automatic'), reason: t.string, since: t.string })),
  stopping: t.boolean,
  processors: t.number,
  log_level: nullable(logLevel),
  /** Of the worst pool. */
  level: pressureLevel,
  /** What the level leaves of the read-ahead; null: not judged yet. */
  consumption_rate: nullable(t.number),
  pools: t.array(t.type({ capability: t.string, level: pressureLevel, cause: nullable(t.string) })),
});
const healthCodec = t.type({
  status: oneOf('ok', 'unavailable'),
  redis: t.boolean,
  reading: t.boolean,
  processors: t.number,
  /** null: unknown. */
  unaccounted: nullable(t.number),
});
const okCodec = t.type({ status: t.literal('ok') });
const levelCodec = t.type({ level: logLevel }, 'an object with a level');

/** Pausing, log level, health and metrics. */
export function controlRoutes(options: ControlRoutesOptions): Route[] {
  const {
    journey,
    pressure,
    pauses,
    fleet,
    ledger,
    orchestratorId,
    version,
    routingStrategy,
    redisAnswers,
    metrics,
    logs,
  } = options;
  const startedAt = new Date().toISOString();

  const status = (): t.TypeOf<typeof statusCodec> => ({
    orchestrator_id: orchestratorId,
    version,
    routing_strategy: routingStrategy,
    started_at: startedAt,
    paused: journey.paused(),
    pauses: pauses.reasons(),
    stopping: journey.stopping(),
    processors: [...fleet.members()].length,
    log_level: logs?.level ?? null,
    level: LEVEL_NAMES[pressure.level()],
    consumption_rate: journey.paused() ? 0 : (pressure.rate() ?? null),
    pools: [...pressure.pools()],
  });

  async function health(): Promise<t.TypeOf<typeof healthCodec>> {
    const redis = await redisAnswers();
    const reading = journey.reading();
    const isOk = redis && (reading || journey.paused());
    const unaccounted = ledger.latest()?.books.unaccounted ?? null;
    const processors = [...fleet.members()].length;
    return { status: isOk ? 'ok' : 'unavailable', redis, reading, processors, unaccounted };
  }

  const switchRoute = (verb: 'pause' | 'resume', summary: string): Route => ({
    method: 'post',
    path: `/control/${verb}`,
    tag: 'control',
    summary,
    answers: { 200: { description: 'The status as it is now', schema: statusCodec } },
    handle() {
      pauses[verb]();
      return json(status());
    },
  });

  return [
    switchRoute('pause', 'Stops reading; frames wait in Redis. Those already read are still handed off'),
    switchRoute('resume', 'Reads again, if it was paused by hand'),
    {
      method: 'get',
      path: '/control/status',
      tag: 'control',
      summary: 'What this orchestrator is and whether it is paused',
      answers: { 200: { description: 'The status', schema: statusCodec } },
      handle: () => json(status()),
    },
    route({
      method: 'put',
      path: '/control/log-level',
      tag: 'control',
      summary: 'Changes how much this orchestrator logs, at once and until it ends',
      body: { what: 'The level', codec: levelCodec },
      answers: {
        200: { description: 'The status as it is now', schema: statusCodec },
        409: { description: "This program's logger has no level" },
      },
      handle({ body }) {
        if (!logs) throw new Problem(409, 'The logger of this program has no level that could be changed.');
        logs.setLevel(body.level);
        return json(status());
      },
    }),
    {
      method: 'get',
      path: '/health',
      tag: 'observation',
      summary: 'Health with details',
      answers: {
        200: { description: 'Fine', schema: healthCodec },
        503: { description: 'Not fine', schema: healthCodec },
      },
      async handle() {
        const body = await health();
        return json(body, body.status === 'ok' ? 200 : 503);
      },
    },
    {
      method: 'get',
      path: '/health/live',
      tag: 'observation',
      summary: 'Whether the process answers',
      answers: { 200: { description: 'It does', schema: okCodec } },
      handle: () => json({ status: 'ok' }),
    },
    {
      method: 'get',
      path: '/health/ready',
      tag: 'observation',
      summary: 'Whether it reads frames, with Redis in reach',
      answers: {
        200: { description: 'Ready', schema: okCodec },
        503: { description: 'Not ready' },
      },
      async handle() {
        const isOk = (await health()).status === 'ok';
        if (!isOk || journey.stopping())
          throw new Problem(
            503,
            journey.stopping() ? 'It is stopping.' : 'Redis is out of reach or nothing is being read.',
          );
        return json({ status: 'ok' });
      },
    },
    {
      method: 'get',
      path: '/metrics',
      tag: 'observation',
      summary: 'Metrics for Prometheus',
      answers: { 200: { description: 'Text exposition', contentType: 'text/plain', schema: t.string } },
      handle: async () => ({ status: 200, body: await metrics.text(), contentType: metrics.contentType }),
    },
  ];
}
