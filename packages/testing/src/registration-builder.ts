import { type RegistrationRequest, keyNames } from '@frame-buffer/models';

/** The body of a registration as older processors send it: id, capabilities, capacity and queue, and no more. */
export function registrationBody(overrides: Partial<RegistrationRequest> = {}): RegistrationRequest {
  const id = overrides.id ?? 'processor-1';
  return {
    id,
    capabilities: ['object_detection'],
    capacity: 10,
    queue: keyNames().ready(id),
    ...overrides,
  };
}
