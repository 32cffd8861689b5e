import { LEVEL_NAMES, type LevelName } from '@frame-buffer/backpressure';
import { decodeCameraAdvice, type KeyNames, nullable, oneOf } from '@frame-buffer/models';
import * as t from 'io-ts';
import { json, type Route } from './route.ts';

export interface AdviceRouteOptions {
  readonly client: {
    hgetall(key: string): Promise<Record<string, string>>;
    get(key: string): Promise<string | null>;
  };
  readonly keys: KeyNames;
}

const level = oneOf(...LEVEL_NAMES);
const adviceCodec = t.type({
  /** The orchestrator that advises; null: none does. */
  advisor: nullable(t.string),
  cameras: t.array(
    t.type({
      camera_id: t.string,
      /** null: as many as it likes. */
      frames_per_second: nullable(t.number),
      level,
      limited_by: nullable(t.string),
      at: t.string,
    }),
  ),
});

/** What cameras are advised, as it stands in Redis: the same whichever orchestrator is asked. */
export const adviceRoute = ({ client, keys }: AdviceRouteOptions): Route => ({
  method: 'get',
  path: '/control/advice',
  tag: 'control',
  summary: 'The frame rate that each camera can get, for publishers to obey',
  answers: { 200: { description: 'Advice for each camera that sends', schema: adviceCodec } },
  async handle() {
    const [advised, advisor] = await Promise.all([
      client.hgetall(keys.advisedRates),
      client.get(keys.advisor),
    ]);
    const cameras = Object.entries(advised).flatMap(([cameraId, text]) => {
      const advice = decodeCameraAdvice(text);
      return advice ? [{ camera_id: cameraId, ...advice, level: nameOf(advice.level) }] : [];
    });
    return json({ advisor, cameras: cameras.toSorted((a, b) => collator.compare(a.camera_id, b.camera_id)) });
  },
});

/** Anyone may write the hash. */
const nameOf = (number: number): LevelName => LEVEL_NAMES[number as 0] ?? 'normal';

/** camera-2 before camera-10. */
const collator = new Intl.Collator('en', { numeric: true });
