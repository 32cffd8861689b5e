/**
 * Rows of a table, one for each key: a row stays the same element, so that focus and selection stay where they are, and only what
 * changed is written.
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
  return (items) => {
    const present = new Set(items.map(key));
    for (const [name, row] of rows) {
      if (present.has(name)) continue;
      row.remove();
      rows.delete(name);
    }
    /** @type {Element | null} */
    let place = body.firstElementChild;
    for (const item of items) {
      const name = key(item);
      let row = rows.get(name);
      if (!row) {
        row = create(item);
        row.dataset['key'] = name;
        rows.set(name, row);
      }
      if (row === place) place = place.nextElementSibling;
      else body.insertBefore(row, place);
      update(row, item);
    }
  };
}
