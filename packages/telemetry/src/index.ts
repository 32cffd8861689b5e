export { silentLogger, type LogFields, type Logger } from './logger-port.ts';
export { startTracing, DEFAULT_SAMPLE_RATIO, type Tracing, type TracingOptions } from './tracing.ts';
export { type CaptureTrace } from './capture-trace.ts';
export { type DispatchAttributes, type JourneyTrace, type RouteAttributes } from './journey-trace.ts';
export { type ProcessingSpan, type ProcessingTrace } from './processing-trace.ts';
export { type LateRecordingOptions } from './late-recording.ts';
export { traceLogFields, travellingFields, type TraceLogFields } from './trace-fields.ts';
export { ATTRIBUTE, SPAN, WAITING_EVENT } from './span-names.ts';
export {
  CIRCUIT_STATE_FIGURE,
  createOrchestratorMetrics,
  type CircuitStateName,
  type OrchestratorFigures,
  type OrchestratorMetrics,
  type OrchestratorMetricsOptions,
} from './orchestrator-metrics.ts';
export {
  createProcessorMetrics,
  type FrameOutcome,
  type ProcessorInstruments,
  type ProcessorMetrics,
  type ProcessorMetricsOptions,
} from './processor-metrics.ts';
export { ORCHESTRATOR_METRICS, PROCESSOR_METRICS, type MetricSpec, type MetricType } from './metric-names.ts';
export { createLogger, type LoggerOptions, type OwnedLogger } from './logger.ts';
export { LOG_LEVELS, isLogLevel, type LogLevel } from './log-level.ts';
export { type LogFormat } from './line-format.ts';
export { loggable } from './loggable.ts';
export { maskText } from './secrets.ts';
export { secretsIn } from './known-secrets.ts';
export { createOutage, type Outage, type OutageOptions } from './outage.ts';
