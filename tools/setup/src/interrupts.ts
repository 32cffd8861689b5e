/** npm repeats a signal that reached us already: two of a kind this close are one Ctrl-C. */
const REPEATED_WITHIN_MS = 500;

export interface InterruptOptions {
  signals?: readonly NodeJS.Signals[];
  /** ms, monotonic. */
  clock?: () => number;
  /** Where the signals arrive: the process. */
  source?: Pick<NodeJS.EventEmitter, 'on' | 'removeListener'>;
}

/**
 * Calls the listener with 1 at the first Ctrl-C or SIGTERM, with 2 at the second, and so on: drain at the first, give up
 * at the second. One Ctrl-C that arrives twice (from the terminal or the process group, and through npm) counts once.
 * @returns a function that stops listening
 */
export function onInterrupt(listener: (count: number) => void, options: InterruptOptions = {}): () => void {
  const { signals = ['SIGINT', 'SIGTERM'], clock = () => performance.now(), source = process } = options;
  let count = 0;
  let lastAt = -Infinity;
  const onSignal = (): void => {
    const now = clock();
    const isRepeated = now - lastAt < REPEATED_WITHIN_MS;
    lastAt = now;
    if (!isRepeated) listener(++count);
  };
  for (const signal of signals) source.on(signal, onSignal);
  return () => {
    for (const signal of signals) source.removeListener(signal, onSignal);
  };
}
