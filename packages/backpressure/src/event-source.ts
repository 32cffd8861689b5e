/** Ends a subscription. Calling it again does nothing. */
export type Disposer = () => void;

/** An event: give it a listener, get the way to end it. */
export type Subscribe<T> = (listener: (value: T) => void) => Disposer;

/**
 * Calls its listeners in the order they came. A listener that throws reaches neither the others nor whoever caused
 * the event; what it threw goes to `onListenerError`. What a listener causes is delivered after the event that it is
 * hearing, so all listeners see the same order.
 */
export class EventSource<T> {
  readonly #onListenerError: (error: unknown) => void;
  /** Replaced, never changed: a listener may come or go while an event is delivered. */
  #listeners: readonly ((value: T) => void)[] = [];
  #queue: T[] | undefined;

  constructor(onListenerError: (error: unknown) => void) {
    this.#onListenerError = onListenerError;
  }

  readonly subscribe: Subscribe<T> = (listener) => {
    const own = (value: T): void => listener(value);
    this.#listeners = [...this.#listeners, own];
    return () => {
      this.#listeners = this.#listeners.filter((other) => other !== own);
    };
  };

  emit(value: T): void {
    if (this.#listeners.length === 0) return;
    if (this.#queue) {
      this.#queue.push(value);
      return;
    }
    this.#queue = [value];
    for (let next = 0; next < this.#queue.length; next++) this.#deliver(this.#queue[next] as T);
    this.#queue = undefined;
  }

  #deliver(value: T): void {
    for (const listener of this.#listeners) {
      try {
        listener(value);
      } catch (error) {
        this.#reportQuietly(error);
      }
    }
  }

  #reportQuietly(error: unknown): void {
    try {
      this.#onListenerError(error);
    } catch {
      // The place to report errors to is itself broken; the caller of the hot path must not pay for it.
    }
  }
}
