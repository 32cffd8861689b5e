import { completeRegistration, keyNames, type RegistrationRequest } from '@frame-buffer/models';
import type { ProcessorRecord } from '@frame-buffer/registry';

/** A processor for `detect` as the registry lists it, alive. */
export function registrationRecord(
  id: string,
  overrides: Partial<RegistrationRequest> = {},
): ProcessorRecord {
  const request = { id, capabilities: ['detect'], capacity: 4, completion: 'delete' as const, ...overrides };
  return {
    registration: completeRegistration(request, { keys: keyNames(), instanceId: `${id}-1`, nowMs: 0 }),
    health: { received_at_ms: 0, status: 'healthy' },
  };
}
