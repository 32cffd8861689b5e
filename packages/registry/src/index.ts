export type { Health } from './health.ts';
export {
  SEEN_ALIVE_MS,
  createRegistry,
  type Death,
  type HeartbeatOutcome,
  type ProcessorRecord,
  type RegisterOutcome,
  type Registry,
  type RegistryClient,
  type RegistryOptions,
} from './registry.ts';
