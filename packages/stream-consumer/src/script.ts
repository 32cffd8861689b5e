import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';

/** What a script needs of a Redis client; ioredis' `Redis` fits. */
export interface ScriptClient {
  evalsha(sha1: string, numberOfKeys: number, ...args: string[]): Promise<unknown>;
  eval(script: string, numberOfKeys: number, ...args: string[]): Promise<unknown>;
}

export interface Script {
  readonly name: string;
  /** The whole source, for clients in other languages. */
  readonly source: string;
  /** Keys in the order of the script's header; the request becomes its JSON argument. */
  run(client: ScriptClient, keys: readonly string[], request: object): Promise<unknown>;
}

// Reached from src and from dist alike.
const FOLDER = new URL('../src/lua/', import.meta.url);
const INCLUDE = /^--include (\w+)$/gm;

const read = (file: string): string => readFileSync(new URL(file, FOLDER), 'utf8');

/** Half a surrogate pair, as JSON.stringify writes it, or any other escape. */
const ESCAPE = /\\(?:ud[89a-f][0-9a-f]{2}|.)/g;

/** Text that was cut within a character: Redis' JSON refuses the half, and with it the whole call, however often it is made. */
function wellFormed(json: string): string {
  if (!json.includes('\\ud')) return json;
  return json.replace(ESCAPE, (escape) => (escape.length === 6 ? '\ufffd' : escape));
}

/** Loads `lua/<name>.lua` with the shared pieces that it includes. */
export function loadScript(name: string): Script {
  const source = read(`${name}.lua`).replace(INCLUDE, (_line, piece: string) =>
    read(`shared-${piece}.lua`).trimEnd(),
  );
  const sha1 = createHash('sha1').update(source).digest('hex');
  /** Connections whose server has run it. */
  const known = new WeakSet<ScriptClient>();
  return {
    name,
    source,
    async run(client, keys, request) {
      const json = wellFormed(JSON.stringify(request));
      if (known.has(client)) {
        try {
          return await client.evalsha(sha1, keys.length, ...keys, json);
        } catch (error) {
          // After a restart or a failover the server doesn't know the script.
          if (!(error instanceof Error) || !error.message.startsWith('NOSCRIPT')) throw error;
          known.delete(client);
        }
      }
      // EVAL sends the script along and teaches it. Until one has succeeded all calls do so: a call that first failed for want of
      // the script would be overtaken by the next one, and the frames of a camera would change places.
      const reply = await client.eval(source, keys.length, ...keys, json);
      known.add(client);
      return reply;
    },
  };
}
