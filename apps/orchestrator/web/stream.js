/** @import { LiveState } from '../src/page/live-state.ts' */
/** @import { FlowPoint } from '../src/page/flow.ts' */

/** A state comes every second; without one for so long, what is shown is old. */
const STALE_MS = 4_000;
const RECONNECT_MS = 3_000;

/**
 * Listens to the orchestrator, and comes back whenever the connection ends.
 * @param {object} on
 * @param {(points: FlowPoint[]) => void} on.history
 * @param {(state: LiveState) => void} on.state
 * @param {(connection: 'live' | 'stale' | 'lost') => void} on.connection
 */
export function listen({ history, state, connection }) {
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let stale;
  const open = () => {
    const source = new EventSource('events');
    source.addEventListener('history', ({ data }) => history(JSON.parse(data)));
    source.addEventListener('state', ({ data }) => {
      clearTimeout(stale);
      stale = setTimeout(() => connection('stale'), STALE_MS);
      connection('live');
      state(JSON.parse(data));
    });
    source.addEventListener('error', () => {
      clearTimeout(stale);
      connection('lost');
      // A refusal ends it for good; a broken connection it mends by itself.
      if (source.readyState === EventSource.CLOSED) setTimeout(open, RECONNECT_MS);
    });
  };
  open();
}
