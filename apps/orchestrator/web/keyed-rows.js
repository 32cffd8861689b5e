/** With more rows than this, those out of sight are written in turns. */
const ALL = 60;
const TURNS = 8;

/**
 * Rows of a table, one for each key: a row stays the same element, so that focus and selection stay where they are, and only what
 * changed is written. Of hundreds, those in sight are written every time, the others every eighth.
 * @template T
 * @param {HTMLTableSectionElement} body
 * @param {object} how
 * @param {(item: T) => string} how.key
 * @param {(item: T) => HTMLTableRowElement} how.create
 * @param {(row: HTMLTableRowElement, item: T) => void} how.update
 * @returns {(items: readonly T[]) => void}
 */
export function keyedRows(body, { key, create, update }) {
  /** @type {Map<string, HTMLTableRowElement>} */
  const rows = new Map();
  /** @type {Map<Element, T>} */
  const latest = new Map();
  /** @type {Set<Element>} */
  const inSight = new Set();
  let turn = 0;

  const observer = new IntersectionObserver((changes) => {
    for (const { target, isIntersecting } of changes) {
      if (!isIntersecting) inSight.delete(target);
      else inSight.add(target);
      const item = latest.get(target);
      if (isIntersecting && item && target instanceof HTMLTableRowElement) update(target, item);
    }
  });

  /** @param {T} item */
  function add(item) {
    const row = create(item);
    row.dataset['key'] = key(item);
    rows.set(key(item), row);
    observer.observe(row);
    update(row, item);
    return row;
  }

  /** @param {HTMLTableRowElement} row */
  function remove(row) {
    observer.unobserve(row);
    inSight.delete(row);
    latest.delete(row);
    row.remove();
  }

  return (items) => {
    const present = new Set(items.map(key));
    for (const [name, row] of rows) {
      if (present.has(name)) continue;
      rows.delete(name);
      remove(row);
    }
    turn++;
    /** @type {Element | null} */
    let place = body.firstElementChild;
    items.forEach((item, i) => {
      const row = rows.get(key(item)) ?? add(item);
      latest.set(row, item);
      if (row === place) place = place.nextElementSibling;
      else body.insertBefore(row, place);
      if (items.length <= ALL || inSight.has(row) || (i + turn) % TURNS === 0) update(row, item);
    });
  };
}
