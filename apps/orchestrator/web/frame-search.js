import { request, say } from './actions.js';
import { byId, element } from './element.js';
import { clock, duration, rate } from './format.js';

/** Finds one frame and tells its story. */
export function createFrameSearch() {
  const form = byId('search', HTMLFormElement);
  const field = byId('frame-id', HTMLInputElement);
  const section = byId('found', HTMLElement);

  async function find() {
    const id = field.value.trim();
    if (id === '') return;
    try {
      const story = await request('GET', `frames/${encodeURIComponent(id)}`);
      show(story);
    } catch (error) {
      section.hidden = true;
      say(error instanceof Error ? error.message : String(error), 'bad');
    }
  }

  /** @param {any} story */
  function show(story) {
    const close = element('button', { type: 'button' }, 'Close');
    close.addEventListener('click', () => {
      section.hidden = true;
      field.focus();
    });
    const heading = element('h2', { id: 'found-title', tabindex: '-1' }, `Frame ${story.frame_id}`);
    section.replaceChildren(
      element('div', { class: 'head' }, heading, close),
      element('p', {}, element('strong', {}, `Now: ${story.now}.`)),
      ...(story.partial
        ? [
            element(
              'p',
              { class: 'quiet' },
              'A stream was too long to be searched whole; something older may be missing.',
            ),
          ]
        : []),
      path(story.events ?? []),
      ...(story.explanations ?? []).map(decision),
    );
    section.hidden = false;
    heading.focus();
    section.scrollIntoView({ block: 'nearest' });
  }

  form.addEventListener('submit', (event) => {
    event.preventDefault();
    void find();
  });
}

/** @param {any[]} events */
function path(events) {
  const startMs = events.length > 0 ? Date.parse(events[0].at) : 0;
  const list = element('ol', { class: 'path' });
  for (const { at, sentence } of events) {
    const atMs = Date.parse(at);
    list.append(
      element(
        'li',
        {},
        element('time', { datetime: at }, `${clock(atMs)}.${String(atMs % 1_000).padStart(3, '0')}`),
        element('span', { class: 'quiet' }, `+${duration(atMs - startMs)}`),
        element('span', {}, sentence),
      ),
    );
  }
  return list;
}

/** Rows of one decision: more would hide the story. */
const SHOWN = 5;

/**
 * One decision: the best of those that could be chosen, always the one that was, and how many were excluded, by reason.
 *
 * @typedef {{ processor_id: string, outstanding: number, capacity: number, score: number, excluded: string | null }} Candidate
 * @param {{ capability: string | null, sentence: string, processor_id: string | null, candidates: Candidate[] | null }} explanation
 */
function decision({ capability, sentence, processor_id: chosen, candidates: all }) {
  const caption = element('p', {}, `${capability ?? 'Any processor'}: ${sentence}`);
  if (all === null) return element('div', {}, caption);
  const open = all.filter(({ excluded }) => excluded === null);
  const shown = open.filter(({ processor_id }, i) => i < SHOWN || processor_id === chosen);
  const body = element('tbody');
  for (const { processor_id, outstanding, capacity, score } of shown) {
    body.append(
      element(
        'tr',
        {},
        element('th', { scope: 'row' }, processor_id),
        element('td', { class: 'number' }, `${outstanding} of ${capacity}`),
        element('td', { class: 'number' }, rate(score)),
        element('td', {}, processor_id === chosen ? 'chosen' : 'could be chosen'),
      ),
    );
  }
  const head = ['Candidate', 'Outstanding', 'Score', ''].map((name, i) =>
    element('th', { scope: 'col', ...(i === 1 || i === 2 ? { class: 'number' } : {}) }, name),
  );
  const table = element('table', {}, element('thead', {}, element('tr', {}, ...head)), body);
  const more = open.length - shown.length;
  return element(
    'div',
    {},
    caption,
    ...(shown.length > 0 ? [table] : []),
    ...(more > 0 ? [element('p', { class: 'quiet' }, `${more} more could be chosen.`)] : []),
    ...excluded(all),
  );
}

/** @param {Candidate[]} all */
function excluded(all) {
  /** @type {Map<string, string[]>} */
  const byReason = new Map();
  for (const { processor_id, excluded: reason } of all) {
    if (reason !== null) byReason.set(reason, [...(byReason.get(reason) ?? []), processor_id]);
  }
  if (byReason.size === 0) return [];
  const parts = [...byReason].map(([reason, ids]) => {
    const names = ids.length <= SHOWN ? ` (${ids.join(', ')})` : '';
    return `${reason}: ${ids.length}${names}`;
  });
  return [element('p', { class: 'quiet' }, `Excluded: ${parts.join('; ')}.`)];
}
