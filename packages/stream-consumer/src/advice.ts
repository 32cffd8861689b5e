import { type CameraAdvice, encodeNotice, type KeyNames } from '@frame-buffer/models';
import { loadScript, type ScriptClient } from './script.ts';

export type Advice = ReadonlyMap<string, CameraAdvice>;

export interface AdviceOptions {
  readonly keys: KeyNames;
  /** The orchestrator. */
  readonly by: string;
  /** Without a word of it for so long another one advises. */
  readonly leaseMs: number;
  /** Advice that isn't renewed for so long is no more. */
  readonly expiryMs: number;
}

const script = loadScript('advise');
const OUTCOMES = ['not_advisor', 'published', 'gone'] as const;

/**
 * Publishes advice for all cameras in place of what was advised before, unless another orchestrator advises. A change is announced.
 * @param advice by camera; undefined renews what was published last
 * @returns `gone` where there is nothing to renew
 */
export async function publishAdvice(
  client: ScriptClient,
  advice: Advice | undefined,
  { keys, by, leaseMs, expiryMs }: AdviceOptions,
): Promise<(typeof OUTCOMES)[number]> {
  const request = {
    by,
    lease_ms: leaseMs,
    expiry_ms: expiryMs,
    events: keys.events,
    notice: encodeNotice({ type: 'advice' }),
    cameras: advice && [...advice].flatMap(([cameraId, its]) => [cameraId, JSON.stringify(its)]),
  };
  const outcome = await script.run(client, [keys.advisedRates, keys.advisor], request);
  return OUTCOMES[outcome as 0 | 1 | 2];
}
