export type MetricType = 'counter' | 'gauge' | 'histogram';

export interface MetricSpec<L extends string = string> {
  readonly name: string;
  readonly type: MetricType;
  readonly help: string;
  readonly labels: readonly L[];
}

/** Metrics of an orchestrator. Other programs (dashboards, alerts) rely on names, types and labels. */
export const ORCHESTRATOR_METRICS = {
  framesConsumed: {
    name: 'frame_buffer_frames_consumed_total',
    type: 'counter',
    help: 'Frames read from the input and the retry stream.',
    labels: [],
  },
  framesRouted: {
    name: 'frame_buffer_frames_routed_total',
    type: 'counter',
    help: 'Routing decisions, by processor, camera and result.',
    labels: ['processor_id', 'camera_id', 'result'],
  },
  framesDistributed: {
    name: 'frame_buffer_frames_distributed_total',
    type: 'counter',
    help: 'Hand-offs to work queues, by processor and what became of them.',
    labels: ['processor_id', 'status'],
  },
  routingDuration: {
    name: 'frame_buffer_routing_duration_seconds',
    type: 'histogram',
    help: 'Time of one routing decision.',
    labels: [],
  },
  handoffDuration: {
    name: 'frame_buffer_handoff_duration_seconds',
    type: 'histogram',
    help: 'Time of the hand-off call that a frame was part of.',
    labels: [],
  },
  frameAge: {
    name: 'frame_buffer_frame_age_seconds',
    type: 'histogram',
    help: "Time since the frame's picture was taken, by stage of its journey.",
    labels: ['stage'],
  },
  backpressureLevel: {
    name: 'frame_buffer_backpressure_level',
    type: 'gauge',
    help: 'Pressure: 0 normal, 1 moderate, 2 high, 3 critical.',
    labels: [],
  },
  consumptionRate: {
    name: 'frame_buffer_consumption_rate',
    type: 'gauge',
    help: 'Share of the read-ahead that the pressure leaves: 1, 0.8, 0.5; 0: critical, or paused by hand. What the processors take is read at any level, unless it is paused by hand. NaN where unknown.',
    labels: [],
  },
  queueDepth: {
    name: 'frame_buffer_processor_queue_depth',
    type: 'gauge',
    help: 'Outstanding frames of a processor: queued and in process. NaN where unknown.',
    labels: ['processor_id'],
  },
  waitingFrames: {
    name: 'frame_buffer_waiting_frames',
    type: 'gauge',
    help: 'Frames in the waiting room, by capability and priority class.',
    labels: ['capability', 'priority'],
  },
  oldestWaiting: {
    name: 'frame_buffer_oldest_waiting_seconds',
    type: 'gauge',
    help: 'How long the oldest frame in the waiting room has waited, by capability.',
    labels: ['capability'],
  },
  circuitState: {
    name: 'frame_buffer_circuit_state',
    type: 'gauge',
    help: 'Circuit of a processor: 0 closed, 1 open, 2 half-open, 3 isolated.',
    labels: ['processor_id'],
  },
  consumerLag: {
    name: 'frame_buffer_consumer_lag',
    type: 'gauge',
    help: 'Frames in the input that no orchestrator has read yet. NaN where unknown.',
    labels: [],
  },
  framesShed: {
    name: 'frame_buffer_frames_shed_total',
    type: 'counter',
    help: 'Frames given up on purpose under a policy, by reason.',
    labels: ['reason'],
  },
  framesLost: {
    name: 'frame_buffer_frames_lost_total',
    type: 'counter',
    help: 'Frames found to be lost, by reason. From the ledger: every orchestrator tells the same count, so take the max, not the sum.',
    labels: ['reason'],
  },
  framesDeadLettered: {
    name: 'frame_buffer_frames_dead_lettered_total',
    type: 'counter',
    help: "Frames that can't be processed, by reason.",
    labels: ['reason'],
  },
  framesUnaccounted: {
    name: 'frame_buffer_frames_unaccounted',
    type: 'gauge',
    help: 'Frames that the ledger cannot account for: 0, or something is wrong. NaN where unknown.',
    labels: [],
  },
  cameraLastFrame: {
    name: 'frame_buffer_camera_last_frame_timestamp_seconds',
    type: 'gauge',
    help: 'When the last frame of a camera that this orchestrator read was published, in seconds since the epoch.',
    labels: ['camera_id'],
  },
  silentCameras: {
    name: 'frame_buffer_silent_cameras',
    type: 'gauge',
    help: 'Cameras that send no more frames: ten times their usual interval has passed, 3 to 60 s. NaN while frames are unread.',
    labels: [],
  },
  processorDeaths: {
    name: 'frame_buffer_processor_deaths_total',
    type: 'counter',
    help: 'Processors that this orchestrator removed because they sent no heartbeat, did not read their queue, or hung.',
    labels: [],
  },
  redisUp: {
    name: 'frame_buffer_redis_up',
    type: 'gauge',
    help: 'Whether Redis answers: 1 or 0.',
    labels: [],
  },
  redisPolicyOk: {
    name: 'frame_buffer_redis_policy_ok',
    type: 'gauge',
    help: '1 where the maxmemory-policy of Redis is noeviction, 0 where it may delete streams. NaN where unknown.',
    labels: [],
  },
  redisMemoryUsed: {
    name: 'frame_buffer_redis_memory_used_bytes',
    type: 'gauge',
    help: 'Memory that Redis uses. NaN where unknown.',
    labels: [],
  },
  redisMemoryLimit: {
    name: 'frame_buffer_redis_memory_limit_bytes',
    type: 'gauge',
    help: "Memory that Redis may use: its maxmemory, else the machine's. NaN where unknown.",
    labels: [],
  },
  spansLost: {
    name: 'frame_buffer_spans_lost_total',
    type: 'counter',
    help: 'Spans of traces that the receiver did not take, or that did not fit into the queue.',
    labels: [],
  },
  info: {
    name: 'frame_buffer_orchestrator_info',
    type: 'gauge',
    help: 'Always 1; its labels say what runs.',
    labels: ['version', 'routing_strategy'],
  },
} as const satisfies Record<string, MetricSpec>;

/** Metrics of a processor. */
export const PROCESSOR_METRICS = {
  framesProcessed: {
    name: 'processor_frames_processed_total',
    type: 'counter',
    help: 'Frames that this processor ended with, by result.',
    labels: ['processor_id', 'result'],
  },
  processingDuration: {
    name: 'processor_processing_duration_seconds',
    type: 'histogram',
    help: 'Time that a frame took, by operation.',
    labels: ['processor_id', 'operation'],
  },
  activeTasks: {
    name: 'processor_active_tasks',
    type: 'gauge',
    help: 'Frames in process now.',
    labels: [],
  },
  resultsFenced: {
    name: 'processor_results_fenced_total',
    type: 'counter',
    help: 'Results not published because the frame had passed to another processor meanwhile.',
    labels: [],
  },
} as const satisfies Record<string, MetricSpec>;
