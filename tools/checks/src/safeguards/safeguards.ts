import { HAND_OFF } from './of-hand-off.ts';
import { ORCHESTRATOR } from './of-orchestrator.ts';
import { QUEUES } from './of-queues.ts';
import { RECORDS } from './of-records.ts';
import type { Safeguard } from './safeguard.ts';

export const SAFEGUARDS: readonly Safeguard[] = [...HAND_OFF, ...QUEUES, ...RECORDS, ...ORCHESTRATOR];
