import type { LedgerWatch } from '../ledger-watch.ts';
import type { Journey } from '../frame-journey.ts';
import { LEVEL_NAMES } from '@frame-buffer/backpressure';
import type { Pressure } from '../pressure.ts';
import type { Fleet } from '../fleet.ts';
import { Problem } from './problem.ts';
import { arrayOf, BOOLEAN, json, NUMBER, object, type Route, STRING } from './route.ts';

export interface ControlRoutesOptions {
  readonly journey: Journey;
  readonly pressure: Pressure;
  readonly fleet: Fleet;
  readonly ledger: LedgerWatch;
  readonly orchestratorId: string;
  readonly version: string;
  readonly routingStrategy: string;
  /** Whether Redis answers now. */
  readonly redisAnswers: () => Promise<boolean>;
  readonly metrics: { readonly contentType: string; text(): Promise<string> };
}

/** Pausing, health and metrics. */
export function controlRoutes(options: ControlRoutesOptions): Route[] {
  const {
    journey,
    pressure,
    fleet,
    ledger,
    orchestratorId,
    version,
    routingStrategy,
    redisAnswers,
    metrics,
  } = options;
  const startedAt = new Date().toISOString();

  const status = (): object => ({
    orchestrator_id: orchestratorId,
    version,
    routing_strategy: routingStrategy,
    started_at: startedAt,
    paused: journey.paused(),
    stopping: journey.stopping(),
    processors: [...fleet.members()].length,
    level: LEVEL_NAMES[pressure.level()],
    pools: pressure.pools(),
  });
  const STATUS = object({
    orchestrator_id: STRING,
    version: STRING,
    routing_strategy: STRING,
    started_at: STRING,
    paused: BOOLEAN,
    stopping: BOOLEAN,
    processors: NUMBER,
    level: { type: 'string', enum: [...LEVEL_NAMES] },
    pools: arrayOf(object({ capability: STRING, level: STRING, cause: { type: ['string', 'null'] } })),
  });
  const HEALTH = object({
    status: STRING,
    redis: BOOLEAN,
    reading: BOOLEAN,
    processors: NUMBER,
    unaccounted: { type: ['number', 'null'] },
  });

  async function health(): Promise<{ ok: boolean; body: object }> {
    const redis = await redisAnswers();
    const reading = journey.reading();
    const ok = redis && (reading || journey.paused());
    const unaccounted = ledger.latest()?.books.unaccounted ?? null;
    const processors = [...fleet.members()].length;
    return { ok, body: { status: ok ? 'ok' : 'unavailable', redis, reading, processors, unaccounted } };
  }

  const switchRoute = (verb: 'pause' | 'resume', summary: string): Route => ({
    method: 'post',
    path: `/control/${verb}`,
    tag: 'control',
    summary,
    answers: { 200: { description: 'The status as it is now', schema: STATUS } },
    handle() {
      journey[verb]();
      return json(status());
    },
  });

  return [
    switchRoute('pause', 'Stops reading; frames wait in Redis. Those already read are still handed off'),
    switchRoute('resume', 'Reads again'),
    {
      method: 'get',
      path: '/control/status',
      tag: 'control',
      summary: 'What this orchestrator is and whether it is paused',
      answers: { 200: { description: 'The status', schema: STATUS } },
      handle: () => json(status()),
    },
    {
      method: 'get',
      path: '/health',
      tag: 'observation',
      summary: 'Health with details',
      answers: {
        200: { description: 'Fine', schema: HEALTH },
        503: { description: 'Not fine', schema: HEALTH },
      },
      async handle() {
        const { ok, body } = await health();
        return json(body, ok ? 200 : 503);
      },
    },
    {
      method: 'get',
      path: '/health/live',
      tag: 'observation',
      summary: 'Whether the process answers',
      answers: { 200: { description: 'It does', schema: object({ status: STRING }) } },
      handle: () => json({ status: 'ok' }),
    },
    {
      method: 'get',
      path: '/health/ready',
      tag: 'observation',
      summary: 'Whether it reads frames, with Redis in reach',
      answers: {
        200: { description: 'Ready', schema: object({ status: STRING }) },
        503: { description: 'Not ready' },
      },
      async handle() {
        const { ok } = await health();
        if (!ok || journey.stopping())
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
      answers: { 200: { description: 'Text exposition', contentType: 'text/plain', schema: STRING } },
      handle: async () => ({ status: 200, body: await metrics.text(), contentType: metrics.contentType }),
    },
  ];
}
