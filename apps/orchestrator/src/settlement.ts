import type { ShedReason } from '@frame-buffer/backpressure';
import type { KeyNames } from '@frame-buffer/models';
import {
  deadLetter,
  type DeadLetterReason,
  type ScriptClient,
  type SettledFrame,
  shed,
} from '@frame-buffer/stream-consumer';
import type { Router } from '@frame-buffer/router';
import type { Logger, OrchestratorMetrics, Tracing } from '@frame-buffer/telemetry';
import { cutBySize } from './cut-by-size.ts';
import { retrying } from './intake.ts';
import type { JourneyWatch } from './journey-watch.ts';
import type { Held } from './seating.ts';
import type { Shed } from './shedding.ts';

export interface SettlementOptions {
  readonly client: ScriptClient;
  readonly keys: KeyNames;
  readonly group: string;
  readonly held: Held;
  readonly counts: { dead_lettered: number; shed: number; gone: number };
  /** Frames were settled: there is room for others. */
  readonly onSettled: () => void;
  readonly logger: Logger;
  readonly metrics: Pick<OrchestratorMetrics, 'shed' | 'deadLettered'>;
  readonly tracing: Pick<Tracing, 'received'>;
  readonly router: Pick<Router, 'moment'>;
  readonly watch?: JourneyWatch;
  readonly signal: AbortSignal;
}

/** The ends of frames that no processor gets. Both try until Redis has it, and hold the frames meanwhile. */
export interface Settlement {
  giveUp(frames: readonly Shed[]): Promise<void>;
  bury(frames: readonly SettledFrame<DeadLetterReason>[]): Promise<void>;
}

export function createSettlement(options: SettlementOptions): Settlement {
  const { client, keys, group, held, counts, logger, metrics, tracing, router, watch, onSettled } = options;

  function buried({ entry, reason, detail }: SettledFrame<DeadLetterReason>, wasOurs: boolean): void {
    held[entry.source].delete(entry.id);
    if (!wasOurs) {
      counts.gone++;
      return;
    }
    counts.dead_lettered++;
    metrics.deadLettered(reason);
    const trace = tracing.received(entry.fields);
    trace.end(new Error(`${reason}: ${detail}`));
    logger.debug('dead letter', { frame_id: entry.fields['frame_id'], reason, detail, ...trace.logFields });
  }

  function givenUp(given: Shed, wasOurs: boolean, moment: number): void {
    const { entry, reason, detail } = given;
    const { trace } = given.held;
    held[entry.source].delete(entry.id);
    if (!wasOurs) {
      counts.gone++;
      return trace.end();
    }
    counts.shed++;
    metrics.shed(reason satisfies ShedReason);
    watch?.shed(given.held, reason, moment, Date.now());
    trace.end(new Error(`shed: ${reason}: ${detail}`));
    logger.debug('shed', { frame_id: entry.fields['frame_id'], reason, detail, ...trace.logFields });
  }

  async function giveUp(frames: readonly Shed[]): Promise<void> {
    const moment = router.moment();
    const write = async (): Promise<void> => {
      const settled = await shed(client, frames, { keys, group, at: new Date().toISOString() });
      frames.forEach((frame, i) => givenUp(frame, settled[i] ?? false, moment));
      const ours = frames.filter((_frame, i) => settled[i]);
      const last = ours.at(-1);
      if (last)
        logger.warn('frames are shed under the policy of their capability', {
          frames: ours.length,
          total: counts.shed,
          last_frame: last.entry.fields['frame_id'],
          last_reason: `${last.reason}: ${last.detail}`,
        });
    };
    await retrying('record shed frames', write, options);
    onSettled();
  }

  async function bury(frames: readonly SettledFrame<DeadLetterReason>[]): Promise<void> {
    const write = async (): Promise<void> => {
      const settled = await deadLetter(client, frames, { keys, group, at: new Date().toISOString() });
      frames.forEach((frame, i) => buried(frame, settled[i] ?? false));
      const ours = frames.filter((_frame, i) => settled[i]);
      const last = ours.at(-1);
      // The same words whatever the reason, so that many become one line.
      if (last)
        logger.warn('frames became dead letters', {
          frames: ours.length,
          total: counts.dead_lettered,
          last_frame: last.entry.fields['frame_id'],
          last_reason: `${last.reason}: ${last.detail}`,
        });
    };
    await retrying('write dead letters', write, options);
    onSettled();
  }

  return {
    async giveUp(frames) {
      for (const part of cutBySize(frames)) await giveUp(part);
    },
    async bury(frames) {
      for (const part of cutBySize(frames)) await bury(part);
    },
  };
}
