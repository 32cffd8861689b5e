/** @import { LiveState } from '../src/page/live-state.ts' */
import { byId, element, setText } from './element.js';
import { age, clock } from './format.js';

/**
 * @param {HTMLElement} node
 * @param {string} label
 * @param {string | null} text
 */
function setLine(node, label, text) {
  node.hidden = text === null;
  setText(node, text === null ? '' : `${label}${text}`);
}

export function createVerdictView() {
  const section = byId('verdict', HTMLElement);
  const title = byId('verdict-title', HTMLElement);
  const cause = byId('verdict-cause', HTMLElement);
  const next = byId('verdict-next', HTMLElement);
  const since = byId('verdict-since', HTMLElement);
  const others = byId('verdict-others', HTMLElement);

  /** @param {LiveState} state */
  return ({ verdict, atMs }) => {
    if (section.dataset['level'] !== verdict.level) section.dataset['level'] = verdict.level;
    setText(title, verdict.title);
    setLine(cause, '', verdict.cause);
    setLine(next, 'Next: ', verdict.next);
    setText(since, `since ${clock(verdict.sinceMs)}, ${age(atMs - verdict.sinceMs)}`);
    while (others.children.length > verdict.others.length) others.lastElementChild?.remove();
    while (others.children.length < verdict.others.length) others.append(element('li'));
    verdict.others.forEach((other, i) => {
      const text = `Also: ${other.title} ${other.next} (since ${clock(other.sinceMs)})`;
      setText(/** @type {Node} */ (others.children[i]), text);
    });
    const mark = verdict.level === 'fine' ? '' : verdict.level === 'warn' ? '(!) ' : '(!!) ';
    const heading = `${mark}Frame Buffer`;
    if (document.title !== heading) document.title = heading;
  };
}
