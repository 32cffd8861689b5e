/** @import { LiveState } from '../src/page/live-state.ts' */
import { byId, element, setAttribute, setPairs, setText } from './element.js';
import { age, count, duration, rate, short, size } from './format.js';
import { keyedRows } from './keyed-rows.js';

/** @type {readonly (readonly ['in' | 'routed' | 'done' | 'dead' | 'shed' | 'lost', string, boolean])[]} */
const TILES = [
  ['in', 'In', false],
  ['routed', 'Routed', false],
  ['done', 'Done', false],
  ['dead', 'Dead letters', true],
  ['shed', 'Shed', true],
  ['lost', 'Lost', true],
];

/** Flow: a figure for each way a frame can go. */
export function createFlowView() {
  const list = byId('flow', HTMLElement);
  const tiles = TILES.map(([name, label, alarming]) => {
    const figure = element('span');
    const note = element('span', { class: 'note' });
    const tile = element(
      'div',
      { 'data-name': name },
      element('dt', {}, label),
      element('dd', {}, figure, ' ', note),
    );
    list.append(tile);
    return { name, tile, figure, note, alarming };
  });
  /** @param {LiveState} state */
  return ({ flow, books }) => {
    /** @type {Record<string, number | undefined>} */
    const totals = {
      in: books?.captured,
      done: books?.completed,
      dead: books?.deadLettered,
      shed: books?.shed,
      lost: books?.lostUpstream,
    };
    for (const { name, tile, figure, note, alarming } of tiles) {
      setText(figure, rate(flow[name]));
      const total = totals[name];
      const reasons = Object.entries(
        name === 'shed' ? flow.shedByReason : name === 'lost' ? flow.lostByReason : {},
      );
      const parts = reasons.map(([reason, n]) => `${reason.replaceAll('_', ' ')} ${short(n)}`);
      setText(note, total === undefined ? '' : [`${short(total)} in all`, ...parts].join(' · '));
      setAttribute(tile, 'data-alarm', alarming && (flow[name] ?? 0) > 0 ? 'yes' : null);
    }
  };
}

/** @type {readonly (readonly [keyof NonNullable<LiveState['books']>, string, string])[]} */
const BOOK_ROWS = [
  ['captured', '', 'captured'],
  ['fanout', '+', 'copies for further capabilities'],
  ['unread', '=', 'unread in Redis'],
  ['pendingInput', '+', 'read, waiting here'],
  ['waitingRetry', '+', 'waiting to be tried again'],
  ['outstanding', '+', 'in processors’ queues and in process'],
  ['completed', '+', 'completed'],
  ['deadLettered', '+', 'dead letters'],
  ['shed', '+', 'shed'],
  ['lostUpstream', '+', 'lost upstream'],
  ['unaccounted', '+', 'unaccounted'],
];

/** The ledger as a sum that must come out. */
export function createBooksView() {
  const body = byId('books', HTMLTableElement).tBodies[0];
  const cells = BOOK_ROWS.map(([name, sign, label]) => {
    const cell = element('td');
    const row = element(
      'tr',
      {},
      element('td', { 'aria-hidden': 'true' }, sign),
      element('td', {}, label),
      cell,
    );
    if (name === 'captured' || name === 'unaccounted') row.className = 'total';
    body?.append(row);
    return { name, row, cell };
  });
  /** @param {LiveState} state */
  return ({ books }) => {
    for (const { name, row, cell } of cells) {
      setText(cell, count(books?.[name]));
      if (name === 'unaccounted')
        setAttribute(row, 'data-tone', books ? (books.unaccounted === 0 ? 'fine' : 'bad') : null);
    }
  };
}

export function createWaitingView() {
  const body = byId('waiting', HTMLTableElement).tBodies[0];
  const rows = keyedRows(/** @type {HTMLTableSectionElement} */ (body), {
    /** @param {LiveState['waiting'][number]} item */
    key: ({ capability }) => capability,
    create: ({ capability }) =>
      element(
        'tr',
        {},
        element('th', { scope: 'row' }, capability),
        element('td', { class: 'number' }),
        element('td', { class: 'number' }),
        element('td'),
      ),
    update(row, { frames, oldestSeconds, byClass }) {
      const [, waiting, oldest, classes] = row.cells;
      if (!waiting || !oldest || !classes) return;
      setText(waiting, count(frames));
      setText(oldest, frames > 0 ? duration(oldestSeconds * 1_000) : '');
      const present = byClass.filter(([, n]) => n > 0);
      setText(classes, present.map(([name, n]) => `${name} ${count(n)}`).join(' · '));
    },
  });
  /** @param {LiveState} state */
  return ({ waiting }) => rows(waiting.filter(({ frames }) => frames > 0));
}

/** @type {Readonly<Record<string, string>>} */
const LEVEL_TONES = { normal: 'fine', moderate: 'fine', high: 'warn', critical: 'bad' };

/** How hard the processors of each capability are pressed, and what makes it. */
export function createPressureView() {
  const level = byId('pressure-level', HTMLElement);
  const body = byId('pressure', HTMLTableElement).tBodies[0];
  const rows = keyedRows(/** @type {HTMLTableSectionElement} */ (body), {
    /** @param {LiveState['orchestrator']['pressure']['pools'][number]} item */
    key: ({ capability }) => capability,
    create: ({ capability }) =>
      element(
        'tr',
        {},
        element('th', { scope: 'row' }, capability),
        element('td', {}, element('span', { class: 'pill' })),
        element('td'),
      ),
    update(row, { level, cause }) {
      const pill = /** @type {Element} */ (row.cells[1]?.firstElementChild);
      setText(pill, level);
      setAttribute(pill, 'data-tone', LEVEL_TONES[level] ?? null);
      // A cause of nothing is no news.
      setText(/** @type {Node} */ (row.cells[2]), level === 'normal' ? '' : (cause ?? ''));
    },
  });
  /** @param {LiveState} state */
  return ({ orchestrator: { pressure } }) => {
    setText(level, pressure.level);
    setAttribute(level, 'data-tone', LEVEL_TONES[pressure.level] ?? null);
    rows(pressure.pools);
  };
}

export function createRedisView() {
  const version = byId('redis-version', HTMLElement);
  const memory = byId('memory', HTMLMeterElement);
  const list = byId('redis', HTMLElement);
  /** @param {LiveState} state */
  return ({ redis }) => {
    const { usedBytes, limitBytes, limitIsMachine, policy, headroomSeconds, appendOnly, answering } = redis;
    setText(version, redis.version ?? '');
    const share = usedBytes !== null && limitBytes ? usedBytes / limitBytes : 0;
    if (Math.abs(memory.value - share) > 0.001) memory.value = share;
    setPairs(list, [
      ['Answers', answering ? 'yes' : 'no'],
      [
        'Memory',
        `${size(usedBytes)} of ${size(limitBytes)}${limitIsMachine ? ' (the machine’s; no maxmemory)' : ''}`,
      ],
      [
        'Headroom',
        headroomSeconds === null
          ? 'it doesn’t grow'
          : `full in ${age(headroomSeconds * 1_000)} as it grows now`,
      ],
      ['Policy', policy ?? '–'],
      [
        'Append-only file',
        appendOnly === null ? '–' : appendOnly ? 'on' : 'off: a restart of Redis loses frames',
      ],
    ]);
  };
}
