import type { SpanExporter } from '@opentelemetry/sdk-trace-node';

/** OpenTelemetry's result codes: 0 is success. */
const SUCCESS = 0;

/** The same exporter, but spans that it could not bring anywhere are told of: otherwise they vanish in silence. */
export function watchedExporter(
  exporter: SpanExporter,
  onFailure: (spans: number, error: Error) => void,
): SpanExporter {
  return {
    export: (spans, done) =>
      exporter.export(spans, (result) => {
        if (result.code !== SUCCESS) onFailure(spans.length, result.error ?? new Error('export failed'));
        done(result);
      }),
    shutdown: () => exporter.shutdown(),
    forceFlush: () => exporter.forceFlush?.() ?? Promise.resolve(),
  };
}
