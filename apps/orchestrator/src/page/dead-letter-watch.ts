import type { KeyNames } from '@frame-buffer/models';
import { type DeadLetter, listDeadLetters } from '@frame-buffer/stream-consumer';
import type { Redis } from 'ioredis';
import type { DeadLetterFigures } from './live-state.ts';

export interface DeadLetterWatch {
  look(): Promise<void>;
  figures(lastMinute: number): DeadLetterFigures;
}

const SHOWN = 20;
const MAX_DETAIL = 200;

/** Counts the dead letters, and reads the newest when there are others than before. */
export function createDeadLetterWatch(client: Redis, keys: KeyNames): DeadLetterWatch {
  let known = '';
  let count: number | null = null;
  let newest: DeadLetterFigures['newest'] = [];
  return {
    async look() {
      const [length, last] = await Promise.all([
        client.xlen(keys.deadLetter),
        client.xrevrange(keys.deadLetter, '+', '-', 'COUNT', 1),
      ]);
      count = length;
      const now = `${length} ${last[0]?.[0] ?? ''}`;
      if (now === known) return;
      newest = (await listDeadLetters(client, keys, { count: SHOWN })).map(row);
      known = now;
    },
    figures: (lastMinute) => ({ count, lastMinute, newest }),
  };
}

function row({ id, fields }: DeadLetter): DeadLetterFigures['newest'][number] {
  return {
    id,
    frameId: fields['frame_id'] ?? '',
    cameraId: fields['camera_id'] ?? '',
    reason: fields['dead_letter_reason'] ?? 'unknown',
    detail: (fields['dead_letter_detail'] ?? '').slice(0, MAX_DETAIL),
  };
}
