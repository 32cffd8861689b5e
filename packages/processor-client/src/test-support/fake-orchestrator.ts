import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import {
  completeRegistration,
  type KeyNames,
  type Registration,
  type RegistrationRequest,
} from '@frame-buffer/models';
import { reclaimQueue } from '@frame-buffer/stream-consumer';
import type { Redis } from 'ioredis';

export type RequestKind = 'register' | 'heartbeat' | 'drain' | 'leave';

/** Something to answer instead of what is right; `silent`: the request is taken and never answered. */
export type Scripted = { readonly status: number; readonly body?: unknown } | 'silent';

/** As much of an orchestrator as a processor sees: an HTTP server that keeps the registry and the queues in Redis. */
export interface FakeOrchestrator {
  readonly url: string;
  readonly port: number;
  /** Bodies of the requests so far, and the authorization header of the last. */
  received(kind: RequestKind): readonly Record<string, unknown>[];
  authorization(): string | undefined;
  /** Answers so many of the next requests of this kind by this. */
  script(kind: RequestKind, answer: Scripted, times?: number): void;
  registration(processorId: string): Promise<Registration>;
  /** As when a lease has ended: out of the registry, its queue given to others. */
  declareDead(processorId: string): Promise<void>;
  stop(): Promise<void>;
}

export interface FakeOrchestratorOptions {
  readonly redis: Redis;
  readonly keys: KeyNames;
  readonly port?: number;
}

export async function startFakeOrchestrator(options: FakeOrchestratorOptions): Promise<FakeOrchestrator> {
  const { redis, keys } = options;
  const received: { kind: RequestKind; body: Record<string, unknown> }[] = [];
  const scripts: { kind: RequestKind; answer: Scripted; times: number }[] = [];
  let authorization: string | undefined;

  const find = async (id: string): Promise<Registration | undefined> => {
    const json = await redis.hget(keys.registry, id);
    return json === null ? undefined : (JSON.parse(json) as Registration);
  };

  async function remove(id: string, error?: string): Promise<boolean> {
    const registration = await find(id);
    if (!registration) return false;
    await redis.hdel(keys.registry, id);
    const failure = error ? { processorId: id, error, at: new Date().toISOString() } : undefined;
    await reclaimQueue(redis, keys, registration, failure);
    return true;
  }

  async function rightAnswer(
    kind: RequestKind,
    id: string,
    instanceId: string | null,
    body: Record<string, unknown>,
  ): Promise<{ status: number; body?: unknown }> {
    if (kind === 'register') {
      const request = body as RegistrationRequest;
      const defaults = { keys, instanceId: 'unnamed', nowMs: Date.now() };
      const registration = completeRegistration(request, defaults);
      const { id, queue, group } = registration;
      // In one step: an empty queue that no registration names is taken away.
      const replies = await redis
        .multi()
        .xgroup('CREATE', queue, group, '0', 'MKSTREAM')
        .hset(keys.registry, id, JSON.stringify(registration))
        .exec();
      const [error] = replies?.[0] ?? [];
      if (error && !error.message.startsWith('BUSYGROUP')) throw error;
      return { status: 201, body: { ...registration, status: 'registered' } };
    }
    if (kind === 'heartbeat') {
      const holder = await find(String(body['processor_id']));
      if (!holder) return { status: 404 };
      return { status: holder.instance_id === body['instance_id'] ? 200 : 409 };
    }
    const holder = await find(id);
    if (holder && holder.instance_id !== (instanceId ?? holder.instance_id)) return { status: 409 };
    if (kind === 'drain') return { status: holder ? 200 : 404 };
    return { status: (await remove(id)) ? 200 : 404 };
  }

  async function serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    let text = '';
    for await (const chunk of request) text += chunk;
    const { pathname, searchParams } = new URL(request.url ?? '', 'http://localhost');
    const [kind, id] = kindOf(request.method, pathname);
    const body = (text === '' ? {} : JSON.parse(text)) as Record<string, unknown>;
    authorization = request.headers.authorization;
    received.push({ kind, body });
    const scripted = scripts.find((script) => script.kind === kind && script.times > 0);
    if (scripted) scripted.times--;
    if (scripted?.answer === 'silent') return;
    const answer = scripted?.answer ?? (await rightAnswer(kind, id, searchParams.get('instance_id'), body));
    response.writeHead(answer.status, { 'content-type': 'application/json' });
    response.end(JSON.stringify(answer.body ?? {}));
  }

  const server = createServer((request, response) => {
    serve(request, response).catch(() => response.writeHead(500).end());
  });
  server.listen(options.port ?? 0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    port,
    received: (kind) => received.flatMap((request) => (request.kind === kind ? [request.body] : [])),
    authorization: () => authorization,
    script: (kind, answer, times = 1) => void scripts.push({ kind, answer, times }),
    async registration(processorId) {
      const found = await find(processorId);
      if (!found) throw new Error(`${processorId} is not registered`);
      return found;
    },
    declareDead: async (processorId) => void (await remove(processorId, 'its lease ended')),
    async stop() {
      const closed = once(server, 'close');
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
}

function kindOf(method: string | undefined, path: string): [RequestKind, string] {
  const [, id = '', verb] = /^\/api\/v1\/processors\/([^/]+)(?:\/(\w+))?$/.exec(path) ?? [];
  if (method === 'POST' && id === 'register') return ['register', ''];
  if (method === 'POST' && id === 'heartbeat') return ['heartbeat', ''];
  if (method === 'POST' && verb === 'drain') return ['drain', decodeURIComponent(id)];
  if (method === 'DELETE' && verb === undefined) return ['leave', decodeURIComponent(id)];
  throw new Error(`unexpected ${method} ${path}`);
}
