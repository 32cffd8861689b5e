/** The few things that this page needs of the DOM. */

/**
 * @template {HTMLElement} T
 * @param {string} id
 * @param {new () => T} type
 * @returns {T}
 */
export function byId(id, type) {
  const found = document.getElementById(id);
  if (!(found instanceof type)) throw new Error(`the page has no ${type.name} #${id}`);
  return found;
}

/**
 * @template {keyof HTMLElementTagNameMap} K
 * @param {K} tag
 * @param {Record<string, string>} [attributes]
 * @param {...(Node | string)} children
 * @returns {HTMLElementTagNameMap[K]}
 */
export function element(tag, attributes = {}, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
  made.append(...children);
  return made;
}

/**
 * Writes only what is another text than before: everything else costs a layout.
 * @param {Node} node
 * @param {string} text
 */
export function setText(node, text) {
  const only = node.firstChild;
  if (only instanceof Text && !only.nextSibling) {
    if (only.data !== text) only.data = text;
  } else if (node.textContent !== text) {
    node.textContent = text;
  }
}

/**
 * @param {Element} node
 * @param {string} name
 * @param {string | null} value null: without it
 */
export function setAttribute(node, name, value) {
  if (value === null) {
    if (node.hasAttribute(name)) node.removeAttribute(name);
  } else if (node.getAttribute(name) !== value) {
    node.setAttribute(name, value);
  }
}

/**
 * A list of names and values.
 * @param {HTMLElement} list a dl
 * @param {readonly (readonly [string, string])[]} pairs
 */
export function setPairs(list, pairs) {
  while (list.children.length > pairs.length * 2) list.lastElementChild?.remove();
  while (list.children.length < pairs.length * 2) list.append(element('dt'), element('dd'));
  pairs.forEach(([name, value], i) => {
    setText(/** @type {Node} */ (list.children[i * 2]), name);
    setText(/** @type {Node} */ (list.children[i * 2 + 1]), value);
  });
}
