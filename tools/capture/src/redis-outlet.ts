import { recordOf } from './frame-record.ts';
import type { Outlet, OutletTarget } from './outlet.ts';
import { type ScriptClient, publish } from './publish-script.ts';

export interface RedisOutletOptions extends OutletTarget {
  readonly client: ScriptClient;
  readonly ttlMs: number;
}

/** Pictures in Redis, each under a key of its own that expires. */
export function createRedisOutlet({ client, stream, pixelsPrefix, ttlMs }: RedisOutletOptions): Outlet {
  return {
    publish(picture) {
      const key = `${pixelsPrefix}${picture.frameId}`;
      const record = recordOf(picture, { backend: 'redis', path: key });
      return publish(client, { key, content: picture.jpeg, ttlMs, stream, record });
    },
    close() {},
  };
}
