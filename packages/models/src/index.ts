export { cameraAdvice, decodeCameraAdvice, type CameraAdvice } from './camera-advice.ts';
export {
  DescribedType,
  checked,
  integer,
  nullable,
  oneOf,
  pattern,
  text,
  type JsonSchema,
} from './described.ts';
export { decodeWith, faultText, faultsOf, faultsText, shown, type Decoded, type Fault } from './fault.ts';
export {
  MAX_CAPABILITIES_PER_FRAME,
  MAX_PRIORITY,
  MAX_RECORD_BYTES,
  MIN_PRIORITY,
  ORCHESTRATOR_FIELDS,
  cameraId,
  capabilityName,
  decodeFrame,
  frameId,
  frameRecord,
  jsonObjectText,
  type DecodeFrameOptions,
  type FlatRecord,
  type Frame,
  type FrameStorage,
  type StorageBackend,
} from './frame.ts';
export {
  entryId,
  frameStory,
  type FrameStory,
  type StoryCandidate,
  type StoryDecision,
  type StoryEvent,
  type StoryPlace,
} from './frame-story.ts';
export { jsonSchemaOf } from './json-schema.ts';
export { INPUT_GROUP, PROCESSOR_GROUP, keyNames, type KeyNameOptions, type KeyNames } from './key-names.ts';
export { accountedFor, books, inFlight, type Books } from './ledger.ts';
export { decodeNotice, encodeNotice, notice, type Notice } from './notice.ts';
export { parsePythonLiteral } from './python-literal.ts';
export {
  DEFAULT_HASH_TAG,
  hashTagOf,
  parseRedisAddress,
  shownRedisAddress,
  type RedisAddress,
  type RedisClusterAddress,
  type RedisNode,
  type RedisSentinelAddress,
  type RedisServerAddress,
} from './redis-address.ts';
export { namesRedis } from './redis-settings.ts';
export {
  DEFAULT_LEASE_MS,
  MAX_CAPACITY,
  MAX_LEASE_MS,
  MIN_LEASE_MS,
  completeRegistration,
  completion,
  decodeHeartbeat,
  decodeRegistration,
  heartbeat,
  instanceId,
  processorId,
  processorState,
  registration,
  registrationRequest,
  type Completion,
  type Heartbeat,
  type ProcessorState,
  type Registration,
  type RegistrationDefaults,
  type RegistrationRequest,
} from './registration.ts';
export { readSettings, type Environment, type Settings } from './settings.ts';
export { parseTimestamp, timestampText } from './timestamp.ts';
export { traceContextOf, traceparentOf, type TraceContext } from './trace-context.ts';
export { wellFormed } from './well-formed.ts';
export { isReservedKey } from './reserved-keys.ts';
