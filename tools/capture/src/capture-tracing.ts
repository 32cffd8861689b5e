import { type Tracing, startTracing } from '@frame-buffer/telemetry';
import type { CaptureLogger } from './logger.ts';
import { createOccasionalNotice } from './occasional-notice.ts';

export interface CaptureTracingOptions {
  /** undefined: the traces travel with the frames, and none is marked as sampled. */
  readonly otlpEndpoint: string | undefined;
  readonly traceSampleRatio: number;
  readonly logger: CaptureLogger;
  readonly clock: () => number;
}

/** While spans are lost, a line in so many ms. */
const NOTICE_INTERVAL_MS = 10_000;

/** @throws TypeError for an endpoint that is no address */
export function startCaptureTracing(options: CaptureTracingOptions): Pick<Tracing, 'captured' | 'shutdown'> {
  const { otlpEndpoint, traceSampleRatio, logger, clock } = options;
  let lastReason = '';
  const losses = createOccasionalNotice({
    intervalMs: NOTICE_INTERVAL_MS,
    clock,
    say: (spans) => logger.warn(`${spans} spans of traces are lost: ${lastReason}`, { spans }),
  });
  const tracing = startTracing({
    serviceName: 'frame-buffer-capture',
    otlpEndpoint,
    sampleRatio: traceSampleRatio,
    onSpansLost(spans, error) {
      lastReason = error.message;
      losses.count(spans);
    },
  });
  return {
    captured: tracing.captured,
    async shutdown() {
      await tracing.shutdown();
      losses.flush();
    },
  };
}
