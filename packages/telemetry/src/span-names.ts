/** Names of spans. Other programs rely on them. */
export const SPAN = {
  capture: 'capture_frame',
  received: 'frame_buffer_orchestrator_received',
  route: 'route_frame',
  dispatch: 'dispatch_to_processor',
  process: 'process_frame',
  publish: 'publish_result',
} as const;

/** Names of span attributes and events. */
export const ATTRIBUTE = {
  frameId: 'frame.id',
  cameraId: 'frame.camera_id',
  priority: 'frame.priority',
  attempt: 'frame.attempt',
  selectedProcessor: 'selected_processor',
  processorLoad: 'processor_load',
  routingReason: 'routing.reason',
  processorId: 'processor.id',
  queueName: 'queue.name',
  handOffOutcome: 'handoff.outcome',
  /** Why a frame waits for a processor: attribute of the event `waiting`. */
  waitingReason: 'waiting.reason',
  /** `error` or `slow`: why a trace that wasn't sampled was recorded after all. */
  recordedBecause: 'recorded.because',
} as const;

export const WAITING_EVENT = 'waiting';
