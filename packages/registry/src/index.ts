export type { Health } from './health.ts';
export {
  createHealthMonitor,
  type Failing,
  type HealthEvent,
  type HealthMonitor,
  type HealthMonitorOptions,
  type ProbeOutcome,
  type ProbeTarget,
} from './health-monitor.ts';
export { httpProbe, type ProbeRequest } from './http-probe.ts';
export { endpointFault, isLinkLocal } from './probe-address.ts';
export {
  SEEN_ALIVE_MS,
  createRegistry,
  type ChangeOutcome,
  type Death,
  type HeartbeatOutcome,
  type ProcessorRecord,
  type RegisterOutcome,
  type Registry,
  type RegistryClient,
  type RegistryOptions,
} from './registry.ts';
