import { TraceFlags } from '@opentelemetry/api';
import { BatchSpanProcessor, type SpanExporter, type SpanProcessor } from '@opentelemetry/sdk-trace-node';

/** At full tracing and 200 frames/s more than ten seconds of spans: frames never wait for a receiver, and it may be slow. */
export const MAX_QUEUED_SPANS = 16_384;
export const MAX_SPANS_PER_EXPORT = 512;
export const DEFAULT_EXPORT_TIMEOUT_MS = 5000;
const EXPORT_EVERY_MS = 1000;
/** OpenTelemetry's result codes: 0 is success. */
const SUCCESS = 0;

export interface SpanBatchesOptions {
  readonly exportTimeoutMs: number;
  /** Told of spans that came nowhere: otherwise they vanish in silence. */
  readonly onLost: (spans: number, error: Error) => void;
}

/** Spans go out in batches, one at a time; at most `MAX_QUEUED_SPANS` wait for it, and those beyond are counted as lost. */
export function spanBatches(
  exporter: SpanExporter,
  { exportTimeoutMs, onLost }: SpanBatchesOptions,
): SpanProcessor {
  let queued = 0;
  let beyond = 0;
  const tellBeyond = (): void => {
    if (beyond === 0) return;
    const spans = beyond;
    beyond = 0;
    onLost(spans, new Error(`more than ${MAX_QUEUED_SPANS} were waiting for the receiver`));
  };
  const watched: SpanExporter = {
    export(spans, done) {
      queued -= spans.length;
      exporter.export(spans, (result) => {
        if (result.code !== SUCCESS) onLost(spans.length, result.error ?? new Error('export failed'));
        tellBeyond();
        done(result);
      });
    },
    shutdown: () => exporter.shutdown(),
    forceFlush: () => exporter.forceFlush?.() ?? Promise.resolve(),
  };
  const batches = new BatchSpanProcessor(watched, {
    maxQueueSize: MAX_QUEUED_SPANS,
    maxExportBatchSize: MAX_SPANS_PER_EXPORT,
    scheduledDelayMillis: EXPORT_EVERY_MS,
    exportTimeoutMillis: exportTimeoutMs,
  });
  return {
    onStart: () => {},
    onEnd(span) {
      if ((span.spanContext().traceFlags & TraceFlags.SAMPLED) === 0) return;
      // The batches would drop it without a word.
      if (queued >= MAX_QUEUED_SPANS) return void beyond++;
      queued++;
      batches.onEnd(span);
    },
    forceFlush: () => batches.forceFlush(),
    async shutdown() {
      await batches.shutdown().finally(tellBeyond);
    },
  };
}
