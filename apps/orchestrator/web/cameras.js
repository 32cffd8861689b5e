/** @import { CameraRow, LiveState } from '../src/page/live-state.ts' */
import { byId, element, setAttribute, setText } from './element.js';
import { age, count, rate } from './format.js';
import { keyedRows } from './keyed-rows.js';

/** Results may lag by a moment without anybody minding. */
const LATE_MS = 10_000;
const ENOUGH_SHARE = 0.8;

/** @param {CameraRow['capabilities'][number]} cell */
function toneOf({ wanted, got, sinceResultMs }) {
  if (sinceResultMs === null || wanted === null) return null;
  if (wanted < 0.1) return null;
  if (sinceResultMs > LATE_MS) return 'bad';
  return got !== null && got < wanted * ENOUGH_SHARE ? 'warn' : 'fine';
}

/** A grid of cameras and capabilities. */
export function createCamerasView() {
  const table = byId('cameras', HTMLTableElement);
  const head = table.tHead?.rows[0];
  const summary = byId('cameras-count', HTMLElement);
  /** @type {string[]} */
  let columns = [];
  let approximate = '';

  /** @param {readonly CameraRow[]} rows */
  function setColumns(rows) {
    const names = [
      ...new Set(rows.flatMap((row) => row.capabilities.map(({ capability }) => capability))),
    ].toSorted();
    if (names.join() === columns.join()) return;
    columns = names;
    while (head && head.cells.length > 1) head.lastElementChild?.remove();
    for (const name of [...names, 'Last frame']) head?.append(element('th', { scope: 'col' }, name));
  }

  const render = keyedRows(/** @type {HTMLTableSectionElement} */ (table.tBodies[0]), {
    /** @param {CameraRow} item */
    key: ({ camera }) => camera,
    create: ({ camera }) => element('tr', {}, element('th', { scope: 'row' }, camera)),
    update(row, { capabilities, silentMs }) {
      while (row.cells.length > columns.length + 2) row.lastElementChild?.remove();
      while (row.cells.length < columns.length + 2) row.append(element('td', {}, element('span')));
      columns.forEach((name, i) => {
        const cell = /** @type {Element} */ (row.cells[i + 1]?.firstElementChild);
        const figures = capabilities.find(({ capability }) => capability === name);
        setAttribute(cell, 'data-tone', figures ? toneOf(figures) : null);
        setText(
          cell,
          figures
            ? `${approximate}${rate(figures.got)} of ${rate(figures.wanted)} · ${age(figures.sinceResultMs)}`
            : '',
        );
      });
      setText(/** @type {Node} */ (row.cells[columns.length + 1]?.firstElementChild), age(silentMs));
    },
  });

  /** @param {LiveState} state */
  return ({ cameras: { rows, hidden, sampled } }) => {
    approximate = sampled ? '≈' : '';
    setColumns(rows);
    render(rows);
    const parts = [`${count(rows.length)} read by this orchestrator`];
    if (hidden > 0) parts.push(`${count(hidden)} more are not shown`);
    if (sampled) parts.push('results are sampled');
    setText(summary, rows.length === 0 ? '' : parts.join('; '));
  };
}
