import type { FlatRecord } from '@frame-buffer/models';
import type { Tracer } from '@opentelemetry/api';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http';
import { resourceFromAttributes } from '@opentelemetry/resources';
import { NodeTracerProvider, type SpanExporter } from '@opentelemetry/sdk-trace-node';
import { type CaptureTrace, RecordedCapture, unrecordedCapture } from './capture-trace.ts';
import { FrameSampler } from './frame-sampler.ts';
import { type JourneyTrace, RecordedJourney, UnrecordedJourney } from './journey-trace.ts';
import {
  DEFAULT_ERROR_TRACES_PER_SECOND,
  DEFAULT_SLOW_FRAME_MS,
  DEFAULT_SLOW_TRACES_PER_SECOND,
  type LateRecordingOptions,
  lateRecording,
  noLateRecording,
} from './late-recording.ts';
import { type ProcessingTrace, RecordedProcessing, UnrecordedProcessing } from './processing-trace.ts';
import { requireRange } from './range.ts';
import { PresetIds } from './span-ids.ts';
import { SpanStarter } from './span-starter.ts';
import { newTraceHead, traceHeadOf } from './trace-head.ts';
import {
  DEFAULT_EXPORT_TIMEOUT_MS,
  MAX_QUEUED_SPANS,
  MAX_SPANS_PER_EXPORT,
  spanBatches,
} from './span-batches.ts';

/** One trace in a hundred is enough to see how frames travel, and costs little. */
export const DEFAULT_SAMPLE_RATIO = 0.01;

export interface TracingOptions extends LateRecordingOptions {
  /** Base address of an OTLP/HTTP receiver, as OTEL_EXPORTER_OTLP_ENDPOINT names it. */
  otlpEndpoint: string | undefined;
  /** Takes the place of the OTLP exporter. */
  exporter: SpanExporter | undefined;
  /** Share of new traces that are recorded, 0 to 1; a frame that comes with a trace follows its publisher's decision. */
  sampleRatio: number;
  /** Tells this process from its equals: `service.instance.id`. */
  instanceId: string | undefined;
  /** How long one export may take, with its retries, and so how long `shutdown` may wait for a receiver that doesn't answer. */
  exportTimeoutMs: number;
  /** Told of spans that were lost: they could not be exported, or there were more than the queue holds. */
  onSpansLost: (spans: number, error: Error) => void;
}

export interface Tracing {
  /** Whether spans go anywhere; where not, the context travels on all the same. */
  readonly exporting: boolean;
  /** For spans of other things than frames: ParentBased(TraceIdRatio). */
  readonly tracer: Tracer;
  /** The trace of a frame that begins here: what is captured now. Never throws. */
  captured(fields: FlatRecord): CaptureTrace;
  /** The trace of a frame that an orchestrator read, now or at a monotonic moment. Never throws. */
  received(fields: FlatRecord, readAtMs?: number): JourneyTrace;
  /** The trace of a frame that a processor read. Never throws. */
  processing(fields: FlatRecord): ProcessingTrace;
  /** Exports what has ended so far. @throws where the receiver refuses */
  flush(): Promise<void>;
  /** Exports what has ended so far and ends the exporter; gives up after `exportTimeoutMs`. */
  shutdown(): Promise<void>;
}

/** @throws RangeError for a figure out of its range, TypeError for an endpoint that is no address */
export function startTracing(options: { readonly serviceName: string } & Partial<TracingOptions>): Tracing {
  const sampleRatio = requireRange('sampleRatio', options.sampleRatio ?? DEFAULT_SAMPLE_RATIO, 0, 1);
  const exportTimeoutMs = requireRange(
    'exportTimeoutMs',
    options.exportTimeoutMs ?? DEFAULT_EXPORT_TIMEOUT_MS,
    1,
    600_000,
  );
  const slowFrameMs = requireRange('slowFrameMs', options.slowFrameMs ?? DEFAULT_SLOW_FRAME_MS, 0, Infinity);
  const slowTracesPerSecond = requireRange(
    'slowTracesPerSecond',
    options.slowTracesPerSecond ?? DEFAULT_SLOW_TRACES_PER_SECOND,
    0,
    10_000,
  );
  const errorTracesPerSecond = requireRange(
    'errorTracesPerSecond',
    options.errorTracesPerSecond ?? DEFAULT_ERROR_TRACES_PER_SECOND,
    0,
    10_000,
  );
  const exporter =
    options.exporter ??
    (options.otlpEndpoint
      ? new OTLPTraceExporter({
          url: tracesUrl(options.otlpEndpoint),
          timeoutMillis: exportTimeoutMs,
          // At shutdown all that is queued goes at once.
          concurrencyLimit: MAX_QUEUED_SPANS / MAX_SPANS_PER_EXPORT,
        })
      : undefined);
  const exporting = exporter !== undefined;
  const sampler = new FrameSampler(exporting ? sampleRatio : 0);
  const ids = new PresetIds();
  const provider = new NodeTracerProvider({
    sampler,
    idGenerator: ids,
    resource: resourceFromAttributes({
      'service.name': options.serviceName,
      ...(options.instanceId ? { 'service.instance.id': options.instanceId } : {}),
    }),
    spanProcessors: exporter
      ? [spanBatches(exporter, { exportTimeoutMs, onLost: options.onSpansLost ?? (() => {}) })]
      : [],
  });
  const tracer = provider.getTracer('@frame-buffer/telemetry');
  const starter = new SpanStarter(tracer, ids);
  const late = exporting
    ? lateRecording({ slowFrameMs, slowTracesPerSecond, errorTracesPerSecond }, () => performance.now())
    : noLateRecording;
  const sampling = { exporting, samplesNew: (traceId: string) => sampler.samplesNew(traceId) };

  return {
    exporting,
    tracer,
    captured(fields) {
      const head = newTraceHead(sampling);
      return head.recorded ? new RecordedCapture(starter, head, fields) : unrecordedCapture(head);
    },
    received(fields, readAtMs) {
      const head = traceHeadOf(fields, sampling);
      if (head.recorded) return new RecordedJourney(starter, head, fields);
      // What has failed once is followed from here on.
      const again = fields['failed_by'] ? late.reasonFor(FAILED_BEFORE, 0) : undefined;
      return again
        ? new RecordedJourney(starter, head, fields, { late: again })
        : new UnrecordedJourney(head, fields, late, starter, readAtMs);
    },
    processing(fields) {
      const head = traceHeadOf(fields, sampling);
      return head.recorded
        ? new RecordedProcessing(starter, head, fields)
        : new UnrecordedProcessing(head, fields, late, starter);
    },
    flush: () => provider.forceFlush(),
    shutdown: () => withinMs(provider.shutdown(), exportTimeoutMs),
  };
}

const FAILED_BEFORE = 'an attempt failed';

function tracesUrl(endpoint: string): string {
  if (!URL.canParse(endpoint)) {
    throw new TypeError(`otlpEndpoint must be an address such as http://localhost:4318, not ${endpoint}`);
  }
  const url = new URL(endpoint);
  if (!url.pathname.endsWith('/v1/traces')) url.pathname = `${url.pathname.replace(/\/$/, '')}/v1/traces`;
  return url.href;
}

async function withinMs(work: Promise<void>, timeoutMs: number): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const timeout = new Promise<void>((resolve) => (timer = setTimeout(resolve, timeoutMs)));
  // A receiver that refuses the last spans must not turn a clean exit into a failure.
  await Promise.race([work.catch(() => {}), timeout]);
  clearTimeout(timer);
}
