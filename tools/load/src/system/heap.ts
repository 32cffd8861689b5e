/** The heap of another Node process, by its inspector (the Chrome DevTools protocol), which listens on loopback. */

const ANSWER_WITHIN_MS = 5_000;
/** Ids of the two requests. */
const [COLLECT, USAGE] = [1, 2];
const BYTES_PER_MIB = 1_048_576;

interface Answer {
  readonly id?: number;
  readonly result?: { readonly usedSize?: number };
}

/** What a process still holds once its garbage is collected, in MiB; undefined where it doesn't say. The collection stops it for some ms. */
export async function collectedHeapMiB(inspectorPort: number): Promise<number | undefined> {
  try {
    const signal = AbortSignal.timeout(ANSWER_WITHIN_MS);
    const response = await fetch(`http://127.0.0.1:${inspectorPort}/json/list`, { signal });
    const [target] = (await response.json()) as { webSocketDebuggerUrl: string }[];
    return target && (await usedAfterCollection(target.webSocketDebuggerUrl, signal)) / BYTES_PER_MIB;
  } catch {
    return undefined;
  }
}

async function usedAfterCollection(url: string, signal: AbortSignal): Promise<number> {
  const socket = new WebSocket(url);
  const { promise, resolve, reject } = Promise.withResolvers<number>();
  const ask = (id: number, method: string): void => socket.send(JSON.stringify({ id, method }));
  socket.onopen = () => ask(COLLECT, 'HeapProfiler.collectGarbage');
  socket.onmessage = ({ data }) => {
    const { id, result } = JSON.parse(String(data)) as Answer;
    // The collection is a task of its own: asked at once, the usage would be the one before it.
    if (id === COLLECT) ask(USAGE, 'Runtime.getHeapUsage');
    else if (id === USAGE) resolve(result?.usedSize ?? Number.NaN);
  };
  socket.onerror = () => reject(new Error(`${url} can't be reached`));
  signal.addEventListener('abort', () => reject(new Error(`${url} doesn't answer`)), { once: true });
  return promise.finally(() => socket.close());
}
