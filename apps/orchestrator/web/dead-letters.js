/** @import { LiveState } from '../src/page/live-state.ts' */
import { act, confirmed, request } from './actions.js';
import { byId, element, setPairs, setText } from './element.js';
import { age, clock, count } from './format.js';
import { keyedRows } from './keyed-rows.js';

/** @typedef {LiveState['deadLetters']['newest'][number]} Letter */

/** @param {Letter} letter */
async function lookInside({ id, frameId }) {
  // The one at this id and those before it: the first is it.
  const [ms, seq] = id.split('-');
  const page = await request('GET', `dead-letters?count=1&before=${ms}-${BigInt(seq ?? 0) + 1n}`);
  const letter = page.dead_letters[0];
  if (letter?.id !== id) throw new Error(`The dead letter of ${frameId} is not there any more.`);
  setText(byId('inside-title', HTMLElement), `Dead letter of ${frameId || 'a frame without an id'}`);
  setPairs(byId('inside-fields', HTMLElement), Object.entries(letter.fields));
  byId('inside', HTMLDialogElement).showModal();
  return undefined;
}

/** @param {Letter} letter */
async function sendAgain({ id, frameId }) {
  const { requeued } = await request('POST', 'dead-letters/requeue', { ids: [id] });
  if (requeued.length === 0) throw new Error(`The dead letter of ${frameId} is not there any more.`);
  return `${frameId || 'The frame'} is sent again, as a first attempt.`;
}

/** @param {Letter} letter */
async function remove({ id, frameId }) {
  const sure = await confirmed(
    `Delete the dead letter of ${frameId || 'a frame without an id'}?`,
    'It is gone for good; the ledger goes on counting it as a dead letter.',
  );
  if (!sure) return undefined;
  await request('DELETE', `dead-letters/${id}`);
  return `The dead letter of ${frameId} is deleted.`;
}

/** @type {readonly (readonly [string, (letter: Letter) => Promise<string | undefined>])[]} */
const ACTIONS = [
  ['Look inside', lookInside],
  ['Send again', sendAgain],
  ['Delete', remove],
];

/** @param {Letter} letter */
function create(letter) {
  const { frameId, cameraId, reason, detail } = letter;
  const buttons = element('div', { class: 'buttons' });
  for (const [label, work] of ACTIONS) {
    const button = element('button', { type: 'button', 'aria-label': `${label}: ${frameId}` }, label);
    button.addEventListener('click', () => act(button, () => work(letter)));
    buttons.append(button);
  }
  return element(
    'tr',
    {},
    element('th', { scope: 'row' }, frameId || '(no id)'),
    element('td', { 'data-label': 'Camera' }, cameraId || '–'),
    element(
      'td',
      { 'data-label': 'Reason' },
      reason.replaceAll('_', ' '),
      element('span', { class: 'sub' }, detail),
    ),
    element('td', { 'data-label': 'Since' }),
    element('td', { 'data-label': '' }, buttons),
  );
}

export function createDeadLettersView() {
  const summary = byId('dead-count', HTMLElement);
  const body = /** @type {HTMLTableSectionElement} */ (byId('dead', HTMLTableElement).tBodies[0]);
  let nowMs = 0;
  const rows = keyedRows(body, {
    /** @param {Letter} letter */
    key: ({ id }) => id,
    create,
    update(row, { id }) {
      const atMs = Number.parseInt(id, 10);
      const cell = row.cells[3];
      if (cell) setText(cell, `${clock(atMs)}, ${age(nowMs - atMs)}`);
    },
  });
  /** @param {LiveState} state */
  return ({ deadLetters: { count: total, newest, lastMinute }, atMs }) => {
    nowMs = atMs;
    rows(newest);
    const shown = total !== null && total > newest.length ? `, the newest ${newest.length} are shown` : '';
    setText(summary, total ? `${count(total)}${shown}; ${count(lastMinute)} in the last minute` : '');
  };
}
