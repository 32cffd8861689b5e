/** @import { LiveState } from '../src/page/live-state.ts' */
import { act, request } from './actions.js';
import { createCamerasView } from './cameras.js';
import { createDeadLettersView } from './dead-letters.js';
import { byId, setAttribute, setText } from './element.js';
import {
  createBooksView,
  createFlowView,
  createPressureView,
  createRedisView,
  createWaitingView,
} from './figures.js';
import { createFlowChart } from './flow-chart.js';
import { createFrameSearch } from './frame-search.js';
import { createProcessorsView } from './processors.js';
import { listen } from './stream.js';
import { createVerdictView } from './verdict.js';

const chart = createFlowChart();
const views = [
  createVerdictView(),
  createFlowView(),
  createBooksView(),
  createWaitingView(),
  createPressureView(),
  createRedisView(),
  createProcessorsView(),
  createCamerasView(),
  createDeadLettersView(),
];
createFrameSearch();

const pause = byId('pause', HTMLButtonElement);
const about = byId('about', HTMLElement);
/** @type {LiveState | undefined} */
let latest;
let drawing = false;

/** Whatever comes meanwhile: the browser draws once. A page that nobody sees draws nothing. */
function draw() {
  if (drawing || document.hidden) return;
  drawing = true;
  requestAnimationFrame(() => {
    drawing = false;
    if (!latest) return;
    for (const view of views) view(latest);
    chart.draw();
    const { orchestrator } = latest;
    setText(pause, orchestrator.paused ? 'Resume' : 'Pause');
    if (pause.disabled && pause.dataset['ready'] === undefined) pause.disabled = false;
    pause.dataset['ready'] = '';
    setText(
      about,
      `${orchestrator.id} · ${orchestrator.version} · ${orchestrator.strategy.replaceAll('_', ' ')}`,
    );
  });
}

pause.addEventListener('click', () =>
  act(pause, async () => {
    const verb = latest?.orchestrator.paused ? 'resume' : 'pause';
    await request('POST', `control/${verb}`);
    return verb === 'pause' ? 'Reading is paused; frames wait in Redis.' : 'Frames are read again.';
  }),
);
document.addEventListener('visibilitychange', draw);

const pill = byId('connection', HTMLElement);
/** @type {Readonly<Record<'live' | 'stale' | 'lost', readonly [string, string]>>} */
const CONNECTIONS = {
  live: ['live', 'fine'],
  stale: ['no news', 'warn'],
  lost: ['not connected', 'bad'],
};

listen({
  history: chart.history,
  state(state) {
    latest = state;
    chart.add(state);
    draw();
  },
  connection(is) {
    const [text, tone] = CONNECTIONS[is];
    setText(pill, text);
    setAttribute(pill, 'data-tone', tone);
    setAttribute(document.body, 'data-stale', is === 'live' ? null : '');
  },
});
