/** The HTTP interface of an orchestrator, as far as it is needed here. */
export interface Orchestrator {
  /** @returns status and parsed body @throws Error in words where no answer comes */
  call(method: 'GET' | 'POST' | 'DELETE', path: string, body?: object): Promise<Answer>;
}

export interface Answer {
  readonly status: number;
  readonly body: unknown;
}

const TIMEOUT_MS = 5_000;

export function orchestratorAt(url: string, apiToken: string | undefined): Orchestrator {
  const base = `${url.replace(/\/+$/, '')}/api/v1`;
  return {
    async call(method, path, body) {
      const response = await fetch(`${base}${path}`, {
        method,
        headers: {
          'content-type': 'application/json',
          ...(apiToken ? { authorization: `Bearer ${apiToken}` } : {}),
        },
        signal: AbortSignal.timeout(TIMEOUT_MS),
        ...(body ? { body: JSON.stringify(body) } : {}),
      }).catch((cause: unknown) => {
        throw new Error(`no orchestrator answers at ${url}`, { cause });
      });
      return { status: response.status, body: await response.json().catch(() => undefined) };
    },
  };
}

/** The sentence of a problem document. */
export const detailOf = ({ status, body }: Answer): string =>
  (body as { detail?: string } | undefined)?.detail ?? `HTTP ${status}`;
