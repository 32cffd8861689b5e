/** @import { LiveState, ProcessorRow } from '../src/page/live-state.ts' */
import { act, request } from './actions.js';
import { byId, element, setAttribute, setText } from './element.js';
import { age, count, duration, rate } from './format.js';
import { keyedRows } from './keyed-rows.js';

/** @typedef {'drain' | 'isolate' | 'restore'} Verb */

/** @type {Readonly<Record<Verb, string>>} */
const DONE = {
  drain: 'gets no more frames and finishes what it has',
  isolate: 'gets no frames until it is restored',
  restore: 'gets frames again',
};

const COLUMNS = [
  '',
  'State',
  'Outstanding',
  'Results/s',
  'p95',
  'Errors',
  'Breaker',
  'Heartbeat',
  'No work',
  '',
];
const NUMBERS = new Set([3, 4, 5, 7]);

/** @param {ProcessorRow} item */
function create({ id, capabilities }) {
  const does = capabilities.join(', ');
  const name = element('th', { scope: 'row' }, id, element('span', { class: 'sub', title: does }, does));
  const row = element('tr', {}, name);
  for (let i = 1; i < COLUMNS.length; i++)
    row.append(
      element('td', { 'data-label': COLUMNS[i] ?? '', ...(NUMBERS.has(i) ? { class: 'number' } : {}) }),
    );
  row.cells[1]?.append(element('span', { class: 'state' }));
  row.cells[2]?.append(
    element(
      'span',
      { class: 'load' },
      element('progress', { max: '1', value: '0', 'aria-hidden': 'true' }),
      element('span'),
    ),
  );
  const buttons = element('div', { class: 'buttons' });
  for (const verb of /** @type {const} */ (['drain', 'isolate', 'restore'])) {
    const label = `${verb[0]?.toUpperCase()}${verb.slice(1)}`;
    const button = element(
      'button',
      { type: 'button', 'data-verb': verb, 'aria-label': `${label} ${id}` },
      label,
    );
    button.addEventListener('click', () =>
      act(button, async () => {
        await request('POST', `processors/${encodeURIComponent(id)}/${verb}`);
        return `${id} ${DONE[verb]}.`;
      }),
    );
    buttons.append(button);
  }
  row.cells[9]?.append(buttons);
  return row;
}

/** @param {ProcessorRow} item */
function toneOf({ state, alive, breaker }) {
  if (!alive || breaker === 'open') return 'bad';
  return state === 'active' ? 'fine' : 'warn';
}

/**
 * @param {HTMLTableRowElement} row
 * @param {ProcessorRow} item
 */
function update(row, item) {
  const { state, alive, outstanding, capacity, p95Ms, errors, breaker, heartbeatAgeMs, idle } = item;
  const cells = row.cells;
  const at = (/** @type {number} */ i) => /** @type {HTMLTableCellElement} */ (cells[i]);
  const pill = /** @type {Element} */ (at(1).firstElementChild);
  setText(pill, alive ? state : 'silent');
  setAttribute(pill, 'data-tone', toneOf(item));
  const [bar, figures] = /** @type {Element} */ (at(2).firstElementChild).children;
  if (bar instanceof HTMLProgressElement) {
    const share = Math.min(1, outstanding / capacity);
    if (bar.value !== share) bar.value = share;
  }
  if (figures) setText(figures, `${count(outstanding)} of ${count(capacity)}`);
  setText(at(3), rate(item.rate));
  setText(at(4), duration(p95Ms));
  setText(at(5), count(errors));
  setAttribute(at(5), 'class', errors > 0 ? 'number late' : 'number');
  setText(at(6), breaker === null ? '–' : breaker.replace('_', ' '));
  setText(at(7), age(heartbeatAgeMs));
  setText(at(8), idle ?? '');
  setAttribute(at(8), 'title', idle);
  setAttribute(at(8), 'class', idle ? null : 'blank');
  for (const button of at(9).querySelectorAll('button')) {
    const applies = button.dataset['verb'] === 'restore' ? state !== 'active' : state === 'active';
    const shown = applies || (button.dataset['verb'] === 'isolate' && state === 'draining');
    if (button.hidden === shown) button.hidden = !shown;
  }
}

export function createProcessorsView() {
  const summary = byId('processors-count', HTMLElement);
  const body = /** @type {HTMLTableSectionElement} */ (byId('processors', HTMLTableElement).tBodies[0]);
  const rows = keyedRows(body, { key: (/** @type {ProcessorRow} */ { id }) => id, create, update });
  const order = new Intl.Collator('en', { numeric: true });
  /** @param {LiveState} state */
  return ({ processors }) => {
    rows(processors.toSorted((a, b) => order.compare(a.id, b.id)));
    const active = processors.filter(({ alive, state }) => alive && state === 'active').length;
    const outstanding = processors.reduce((sum, row) => sum + row.outstanding, 0);
    const capacity = processors.reduce((sum, row) => sum + row.capacity, 0);
    setText(
      summary,
      processors.length === 0
        ? ''
        : `${active} of ${processors.length} active, ${count(outstanding)} of ${count(capacity)} outstanding`,
    );
  };
}
