import { setTimeout as wait } from 'node:timers/promises';
import { type CameraAdvice, decodeCameraAdvice } from '@frame-buffer/models';

/** What looking needs of a Redis client; ioredis' `Redis` fits. */
export interface AdviceClient {
  hmget(key: string, ...fields: string[]): Promise<(string | null)[]>;
}

export interface AdviceWatchOptions {
  readonly client: AdviceClient;
  /** The hash of advised rates. */
  readonly key: string;
  readonly cameraIds: readonly string[];
  /** Told after each look. @param advice undefined: none */
  readonly onAdvice: (cameraId: string, advice: CameraAdvice | undefined) => void;
  readonly signal: AbortSignal;
}

/** As often as it is given. */
const EVERY_MS = 1_000;

/**
 * Reads what orchestrators advise, until the signal. Advice that nobody renews expires in Redis; while Redis is away the last holds.
 */
export async function watchAdvice({
  client,
  key,
  cameraIds,
  onAdvice,
  signal,
}: AdviceWatchOptions): Promise<void> {
  const ended = new Promise<undefined>((resolve) =>
    signal.addEventListener('abort', () => resolve(undefined), { once: true }),
  );
  while (!signal.aborted) {
    // A look that hangs until Redis is back must not hold up the end.
    const found = await Promise.race([client.hmget(key, ...cameraIds).catch(() => undefined), ended]);
    if (found) {
      for (const [i, cameraId] of cameraIds.entries()) {
        onAdvice(cameraId, decodeCameraAdvice(found[i] ?? ''));
      }
    }
    await wait(EVERY_MS, undefined, { signal }).catch(() => {});
  }
}
