import { CRITICAL } from '@frame-buffer/backpressure';
import { decodeNotice, hashTagOf, keyNames, shownRedisAddress } from '@frame-buffer/models';
import { createHealthMonitor, createRegistry } from '@frame-buffer/registry';
import { createRouter } from '@frame-buffer/router';
import { connectRedis, createGroupReader, openBooks, queueActivity } from '@frame-buffer/stream-consumer';
import {
  createOrchestratorMetrics,
  createOutage,
  type Logger,
  type OwnedLogger,
  startTracing,
} from '@frame-buffer/telemetry';
import { createAdviser } from './advice.ts';
import { createCircuits } from './circuits.ts';
import { createCircuitWatch } from './circuit-watch.ts';
import type { Config } from './config.ts';
import { createTakeBack } from './departure.ts';
import { createFleet } from './fleet.ts';
import { createJourney } from './frame-journey.ts';
import { adviceRoute } from './http/advice-route.ts';
import { controlRoutes } from './http/control-routes.ts';
import { docsRoutes } from './http/docs-routes.ts';
import { frameRoutes } from './http/frame-routes.ts';
import { frameSearchRoute } from './http/frame-search-route.ts';
import { openApiDocument } from './http/openapi.ts';
import { processorRoutes } from './http/processor-routes.ts';
import type { Route } from './http/route.ts';
import { scriptRoute } from './http/script-route.ts';
import { type HttpServer, startHttpServer } from './http/server.ts';
import { createJanitor } from './janitor.ts';
import { createLease } from './lease.ts';
import { createLedgerWatch } from './ledger-watch.ts';
import { observeHealth } from './health-events.ts';
import { createHungProcessors } from './hung-processors.ts';
import { observeJourney } from './observe.ts';
import { DECISIONS_KEPT } from './page/decision-log.ts';
import { createLivePage } from './page/live-page.ts';
import { pageRoutes } from './page/page-routes.ts';
import { pressureRows } from './page/pressure-rows.ts';
import { createPoolDrain } from './pool-drain.ts';
import { createPressure } from './pressure.ts';
import { createPauses } from './pauses.ts';
import { redisAnswers } from './redis-answers.ts';
import { checkRedis } from './redis-check.ts';
import { createShedding } from './shedding.ts';
import { version } from './version.ts';

export interface Orchestrator {
  /** Where it answers. */
  readonly url: string;
  /** Reads no more, hands off what it holds, ends. */
  stop(): Promise<void>;
}

/** A blocked read ends this often, so that a stop is noticed soon. */
const BLOCK_MS = 1_000;
/** What can't be handed off in this time stays pending, and the other orchestrators adopt it. */
const DRAIN_MS = 1_000;
/** A hint may arrive for every frame of every processor: changes of the registry that come together are read once. */
const REFRESH_AFTER_MS = 5;
/** Of the count of its processor: its reservation, what was counted after its hand-off, its end; and one for others' frames. */
const CHANGES_PER_FRAME = 4;

/** The one place where everything is wired. The level of a logger that owns one can be changed over HTTP. @throws Error in words for a Redis that can't be used */
export async function startOrchestrator(config: Config, logger: Logger | OwnedLogger): Promise<Orchestrator> {
  const { orchestratorId, consumerGroup: group } = config;
  const keys = keyNames({ input: config.inputStream, hashTag: hashTagOf(config.redisUrl) });
  const outage = createOutage({ logger, what: `Redis at ${shownRedisAddress(config.redisUrl)}` });
  const connect = (purpose: string) =>
    connectRedis(config.redisUrl, { name: `${orchestratorId}-${purpose}`, onError: outage.failed }).on(
      'ready',
      outage.works,
    );

  const client = connect('commands');
  const handOffClient = connect('hand-off');
  const hints = connect('hints');
  await checkRedis(client, { allowEviction: config.allowEviction, logger });

  const tracing = startTracing({
    serviceName: 'frame-buffer-orchestrator',
    otlpEndpoint: config.otlpEndpoint,
    sampleRatio: config.traceSampleRatio,
    slowFrameMs: config.traceSlowFrameMs,
    instanceId: orchestratorId,
    onSpansLost(spans, error) {
      metrics.spansLost(spans);
      logger.warn(`spans of traces are lost: ${error.message}`, { spans });
    },
  });
  const metrics = createOrchestratorMetrics({
    counting: config.metrics,
    cameraLabel: config.cameraLabel,
    version,
    routingStrategy: config.routingStrategy,
  });
  const router = createRouter({
    strategy: config.routingStrategy,
    rememberedChanges: DECISIONS_KEPT * CHANGES_PER_FRAME,
  });
  const fleet = createFleet(router, {
    onArrival: ({ id, capabilities, capacity }) =>
      logger.info(`processor ${id} is here`, { processor_id: id, capabilities, capacity }),
    onDeparture(id) {
      metrics.forgetProcessor(id);
      logger.info(`processor ${id} is gone`, { processor_id: id });
    },
    onUpdate: () => circuits.update(),
  });
  const circuits = createCircuits({
    ...config.circuit,
    fleet,
    logger,
    isHealthy: (processorId) => monitor.isHealthy(processorId),
    // Not at once: the change may come from the middle of a decision.
    onOpening: () => queueMicrotask(() => journey.pump()),
  });
  const monitor = createHealthMonitor({
    ...config.health,
    *targets() {
      for (const { registration } of fleet.members()) {
        const { id, health_endpoint: endpoint } = registration;
        if (endpoint !== undefined) yield { processorId: id, endpoint };
      }
    },
    onEvent: (event) => observeHealth(event, { circuits, logger }),
  });
  const circuitWatch = createCircuitWatch({ client, keys, fleet, circuits, logger });
  const registry = createRegistry({ client, keys });
  const takeBack = createTakeBack(client, keys, logger, Date.now);
  const ledger = createLedgerWatch({
    client,
    keys,
    group,
    onReading: (reading) => circuitWatch.onReading(reading),
    logger,
  });
  const lease = createLease({
    client,
    keys,
    orchestratorId,
    onLapse: () => janitor.doubt(),
    logger,
  });
  const recreate = () => openBooks(client, { keys, group }, new Date().toISOString());

  const page = createLivePage({
    client,
    keys,
    fleet,
    ledger,
    journey: () => journey,
    about: { id: orchestratorId, version, strategy: config.routingStrategy },
    overload: {
      breakers: () => circuits.states(),
      pressure: () => pressureRows(pressure),
    },
    logger,
  });

  const reader = createGroupReader({
    connect: () => connect('reads'),
    group,
    consumer: orchestratorId,
    streams: [keys.input, keys.retry],
    blockMs: BLOCK_MS,
  });
  const drain = createPoolDrain();
  const shedding = createShedding(config.shedding);
  const journey = createJourney({
    watch: {
      read: page.watch.read,
      handedOff(plan, nowMs) {
        page.watch.handedOff(plan, nowMs);
        drain.handedOff(plan);
      },
      shed: page.watch.shed,
    },
    client: handOffClient,
    reader,
    keys,
    group,
    orchestratorId,
    router,
    fleet,
    maxWaiting: config.maxWaiting,
    maxWaitingPerCapability: config.waitingPerCapability,
    maxParked: config.maxParked,
    shedding,
    maxAttempts: config.maxAttempts,
    defaultCapability: config.defaultCapability,
    logger,
    metrics,
    tracing,
    recreate,
    async onInterrupted() {
      // Redis may have come back without its data: with no group there is nothing to adopt from, and nothing to read.
      await recreate();
      await janitor.adopt();
    },
  });
  const janitor = createJanitor({
    client,
    keys,
    group,
    orchestratorId,
    registry,
    fleet,
    journey,
    ledger,
    takeBack,
    silentQueueMs: config.silentQueueMs,
    hung: createHungProcessors({
      fleet,
      monitor,
      activityOf: (target) => queueActivity(client, target),
      patienceMs: config.health.patienceMs,
    }),
    onDeath: () => metrics.processorDied(),
    logger,
  });
  const pauses = createPauses(() => journey);
  const pressure = createPressure({
    client,
    keys,
    fleet,
    waiting: () => journey.waiting(),
    shedding,
    places: Math.min(config.waitingPerCapability, config.maxWaiting),
    onLevel: (capability, level) => pauses.critical(capability, level === CRITICAL),
    onAlert: (alert) => page.hub.send({ name: 'alert', data: alert }),
    logger,
  });
  const adviser = createAdviser({
    client,
    keys,
    orchestratorId,
    pressure,
    drain,
    cameras: page.cameraFlows,
    ledger,
    handedOff: () => journey.stats().handed_off,
    logger,
  });
  observeJourney(metrics, { pressure, journey, fleet, ledger, circuits, page });

  let refreshing: NodeJS.Timeout | undefined;
  hints.on('message', (_channel: string, message: string) => {
    const notice = decodeNotice(message);
    if (notice) page.notice(notice);
    if (notice?.type === 'credit' || notice?.type === 'outcome') {
      fleet.learn(notice.processor_id, notice.outstanding);
      journey.hint();
    }
    if (notice?.type === 'outcome') circuits.outcome(notice.processor_id, notice);
    if (notice?.type !== 'registry') return;
    refreshing ??= setTimeout(() => {
      refreshing = undefined;
      janitor
        .refreshFleet()
        .catch((error: unknown) => logger.warn('the registry could not be read', { error }));
    }, REFRESH_AFTER_MS);
  });

  await recreate();
  await lease.take();
  await hints.subscribe(keys.events);
  await janitor.refreshFleet();

  const routes: Route[] = [
    ...processorRoutes({ registry, fleet, keys, takeBack, refreshFleet: janitor.refreshFleet }),
    ...frameRoutes({
      client,
      keys,
      journey,
      drain,
      router,
      ledger,
      defaultCapability: config.defaultCapability,
    }),
    // After those with a fixed name in its place.
    frameSearchRoute({
      client,
      keys,
      group,
      fleet,
      ledger,
      router,
      decisions: page.decisions,
      orchestratorId,
      defaultCapability: config.defaultCapability,
    }),
    scriptRoute(),
    ...controlRoutes({
      pressure,
      pauses,
      journey,
      fleet,
      ledger,
      orchestratorId,
      version,
      routingStrategy: config.routingStrategy,
      redisAnswers: () => redisAnswers(client),
      metrics,
      logs: 'setLevel' in logger ? logger : undefined,
    }),
    adviceRoute({ client, keys }),
    ...pageRoutes(page),
    ...docsRoutes(() => document),
  ];
  const document = openApiDocument(routes, version);
  const http: HttpServer = await startHttpServer({
    routes,
    host: config.host,
    port: config.port,
    apiToken: config.apiToken,
    maxRequestsPerSecond: config.maxRequestsPerSecond,
    logger,
  });

  const ending = new AbortController();
  const running = [
    lease.run(ending.signal),
    janitor.run(ending.signal),
    ledger.run(ending.signal),
    circuitWatch.run(ending.signal),
    monitor.run(ending.signal),
    pressure.run(ending.signal),
    adviser.run(ending.signal),
    journey.run(),
    page.run(ending.signal),
  ];
  logger.info(`orchestrator ${orchestratorId} ready at ${http.url}`, {
    routing_strategy: config.routingStrategy,
    version,
  });

  return {
    url: http.url,
    async stop() {
      logger.info('draining');
      await journey.stop(DRAIN_MS);
      reader.close();
      ending.abort();
      await Promise.all(running);
      clearTimeout(refreshing);
      await lease.release().catch(() => {});
      await http.close();
      await tracing.shutdown();
      for (const connection of [client, handOffClient, hints]) connection.disconnect();
      logger.info('stopped', { ...journey.stats() });
    },
  };
}
