import type { RegistrationRequest } from '@frame-buffer/models';

/** What a processor needs of the answer to its registration. */
export interface Registered {
  readonly queue: string;
  readonly group: string;
  readonly results: string;
}

export type RegisterAnswer =
  | { readonly kind: 'registered'; readonly registration: Registered }
  /** `conflict`: another run holds the id and is alive. `refused`: for good. `failed`: may succeed the next time. */
  | { readonly kind: 'conflict' | 'refused' | 'failed'; readonly detail: string };

export type HeartbeatAnswer =
  { readonly kind: 'alive' | 'unknown' | 'replaced' } | { readonly kind: 'failed'; readonly detail: string };

/** One run of a processor: what it asks for must not befall a successor that has taken its id over. */
export interface Run {
  readonly id: string;
  readonly instance_id: string;
}

export interface OrchestratorApi {
  register(request: RegistrationRequest, signal: AbortSignal): Promise<RegisterAnswer>;
  heartbeat(
    beat: { processor_id: string; instance_id: string; status: string; active_tasks: number },
    timeoutMs: number,
  ): Promise<HeartbeatAnswer>;
  /** Asks for no more frames. @returns whether that was granted */
  drain(run: Run): Promise<boolean>;
  /** Leaves: what is still in the queue goes to others. @returns false where nobody could be told */
  leave(run: Run): Promise<boolean>;
}

/** An orchestrator on the same network answers in milliseconds; after this long another try is better than waiting on. */
const TIMEOUT_MS = 5_000;
/** Answers that are about the moment and not about the request. */
const TRANSIENT = [408, 425, 429];

interface Answer {
  readonly status: number;
  readonly body: Readonly<Record<string, unknown>>;
}

export function orchestratorApi(baseUrl: string, apiToken: string | undefined): OrchestratorApi {
  const base = `${baseUrl.replace(/\/+$/, '')}/api/v1`;
  const headers = {
    'content-type': 'application/json',
    ...(apiToken ? { authorization: `Bearer ${apiToken}` } : {}),
  };

  /** @throws where no answer came */
  async function send(method: string, path: string, body?: object, signal = timeout()): Promise<Answer> {
    const response = await fetch(`${base}${path}`, {
      method,
      headers,
      signal,
      ...(body ? { body: JSON.stringify(body) } : {}),
    });
    const answer: unknown = await response.json().catch(() => undefined);
    const isObject = typeof answer === 'object' && answer !== null;
    return { status: response.status, body: isObject ? (answer as Record<string, unknown>) : {} };
  }

  /** @returns the status of the answer; undefined where none came */
  const statusOf = async (
    method: string,
    { id, instance_id }: Run,
    verb = '',
  ): Promise<number | undefined> => {
    const path = `/processors/${encodeURIComponent(id)}${verb}?${new URLSearchParams({ instance_id })}`;
    return send(method, path).then(
      ({ status }) => status,
      () => undefined,
    );
  };

  return {
    async register(request, signal) {
      try {
        const all = AbortSignal.any([signal, timeout()]);
        return registerAnswer(await send('POST', '/processors/register', request, all));
      } catch (error) {
        return { kind: 'failed', detail: unreachable(baseUrl, error) };
      }
    },
    async heartbeat(beat, timeoutMs) {
      try {
        const body = { ...beat, timestamp: new Date().toISOString() };
        const answer = await send('POST', '/processors/heartbeat', body, timeout(timeoutMs));
        if (answer.status === 404) return { kind: 'unknown' };
        if (answer.status === 409) return { kind: 'replaced' };
        return answer.status < 300 ? { kind: 'alive' } : { kind: 'failed', detail: detailOf(answer) };
      } catch (error) {
        return { kind: 'failed', detail: unreachable(baseUrl, error) };
      }
    },
    drain: async (run) => (await statusOf('POST', run, '/drain')) === 200,
    // 404 and 409: it is out already, and its frames are with others.
    leave: async (run) => [200, 404, 409].includes((await statusOf('DELETE', run)) ?? 0),
  };
}

const timeout = (ms: number = TIMEOUT_MS): AbortSignal => AbortSignal.timeout(ms);

function registerAnswer(answer: Answer): RegisterAnswer {
  const { status, body } = answer;
  if (status === 409) return { kind: 'conflict', detail: detailOf(answer) };
  if (status >= 500 || TRANSIENT.includes(status)) return { kind: 'failed', detail: detailOf(answer) };
  if (status >= 300) return { kind: 'refused', detail: detailOf(answer) };
  const { queue, group, results } = body;
  return typeof queue === 'string' && typeof group === 'string' && typeof results === 'string'
    ? { kind: 'registered', registration: { queue, group, results } }
    : { kind: 'failed', detail: `HTTP ${status} without queue, group and results: is this an orchestrator?` };
}

/** The sentence of a problem document, and every fault that it lists. */
function detailOf({ status, body }: Answer): string {
  const detail = typeof body['detail'] === 'string' ? body['detail'] : `HTTP ${status}`;
  const { errors } = body;
  if (!Array.isArray(errors) || errors.length === 0) return detail;
  const texts = errors.map(
    (e: { field?: string; expected?: string; value?: string } | null) =>
      `${e?.field}: expected ${e?.expected}, found ${e?.value}`,
  );
  return `${detail} (${texts.join('; ')})`;
}

function unreachable(url: string, error: unknown): string {
  // fetch says "fetch failed"; what happened is in the cause, and with several addresses only as its code.
  const cause = (error as { cause?: unknown }).cause ?? error;
  const { message, code } = cause as { message?: string; code?: string };
  return `orchestrator at ${url} unreachable: ${message || code || String(cause)}`;
}
