export {
  SEEN_ALIVE_MS,
  createRegistry,
  type Death,
  type Health,
  type HeartbeatOutcome,
  type ProcessorRecord,
  type RegisterOutcome,
  type Registry,
  type RegistryClient,
  type RegistryOptions,
} from './registry.ts';
