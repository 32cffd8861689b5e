import { setTimeout as sleep } from 'node:timers/promises';
import type { RegistrationRequest } from '@frame-buffer/models';
import type { Logger } from '@frame-buffer/telemetry';
import type { OrchestratorApi, Registered } from './orchestrator-api.ts';

/** The orchestrator refuses this processor: its registration is faulty, or another run has taken its id over. */
export class ProcessorRefusedError extends Error {
  override readonly name = 'ProcessorRefusedError';
}

export interface MembershipOptions {
  readonly api: OrchestratorApi;
  readonly request: RegistrationRequest & { readonly instance_id: string; readonly lease_ms: number };
  readonly logger: Logger;
  /** Aborted when the processor begins to leave: it isn't registered again then. */
  readonly leaving: AbortSignal;
}

/** A processor's place in the registry. */
export interface Membership {
  /**
   * Registers, and tries until it is in. Calls at the same time are one.
   * @returns undefined where the processor began to leave first
   * @throws ProcessorRefusedError
   */
  join(): Promise<Registered | undefined>;
  /**
   * Sends heartbeats until `ended` is aborted, and registers again when it has been forgotten.
   * @param onBeat called after each @returns frames in process, for the heartbeat
   * @throws ProcessorRefusedError
   */
  keep(active: () => number, onBeat: () => void, ended: AbortSignal): Promise<void>;
  /** Whether the last thing heard is that it is registered. */
  joined(): boolean;
}

/** A lease is renewed three times before it ends. */
const BEATS_PER_LEASE = 3;
const FIRST_RETRY_MS = 250;
const MAX_RETRY_MS = 5_000;

export function createMembership({ api, request, logger, leaving }: MembershipOptions): Membership {
  const { id, instance_id, lease_ms } = request;
  let joining: Promise<Registered | undefined> | undefined;
  let joined = false;

  async function tryUntilIn(): Promise<Registered | undefined> {
    joined = false;
    for (let tries = 0; !leaving.aborted; tries++) {
      const answer = await api.register(request, leaving);
      if (leaving.aborted && answer.kind !== 'registered') return undefined;
      switch (answer.kind) {
        case 'registered':
          joined = true;
          logger.info('registered', { processor_id: id, queue: answer.registration.queue });
          return answer.registration;
        case 'refused':
          throw new ProcessorRefusedError(`registration of ${id} refused: ${answer.detail}`);
        case 'conflict':
        case 'failed': {
          const waitMs = Math.min(FIRST_RETRY_MS * 2 ** tries, MAX_RETRY_MS);
          logger.warn(`not registered yet, next try in ${waitMs} ms: ${answer.detail}`, { processor_id: id });
          await sleep(waitMs, undefined, { signal: leaving }).catch(() => {});
        }
      }
    }
    return undefined;
  }

  const join = (): Promise<Registered | undefined> =>
    (joining ??= tryUntilIn().finally(() => (joining = undefined)));

  return {
    join,
    joined: () => joined,
    async keep(active, onBeat, ended) {
      const everyMs = lease_ms / BEATS_PER_LEASE;
      // At a fixed rate: an answer that is slow or never comes must not cost the lease.
      for (let dueMs = performance.now() + everyMs; ; dueMs = Math.max(dueMs + everyMs, performance.now())) {
        const waitMs = Math.max(0, dueMs - performance.now());
        await sleep(waitMs, undefined, { signal: ended }).catch(() => {});
        if (ended.aborted) return;
        const status = leaving.aborted ? 'draining' : 'healthy';
        const beat = { processor_id: id, instance_id, status, active_tasks: active() };
        const answer = await api.heartbeat(beat, Math.ceil(everyMs));
        if (answer.kind === 'replaced')
          throw new ProcessorRefusedError(`another run of ${id} has taken over`);
        if (answer.kind === 'unknown') await join();
        if (answer.kind === 'failed' && !ended.aborted)
          logger.warn(`heartbeat not delivered: ${answer.detail}`, { processor_id: id });
        onBeat();
      }
    },
  };
}
