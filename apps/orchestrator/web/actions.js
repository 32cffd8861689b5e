import { byId, setText } from './element.js';

/** What changes something, and what is said when it can't. */

const TOKEN = 'frame-buffer-token';
const SHOWN_MS = 8_000;
/** @type {ReturnType<typeof setTimeout> | undefined} */
let hiding;

/**
 * @param {string} text
 * @param {'fine' | 'bad'} tone
 */
export function say(text, tone) {
  const message = byId('message', HTMLElement);
  message.dataset['tone'] = tone;
  message.hidden = false;
  setText(message, text);
  clearTimeout(hiding);
  hiding = setTimeout(() => (message.hidden = true), SHOWN_MS);
}

/**
 * Opens a dialog and waits until it is closed.
 * @param {string} id
 * @returns {Promise<boolean>} whether it was closed with its `ok` button
 */
function ask(id) {
  const dialog = byId(id, HTMLDialogElement);
  dialog.returnValue = 'cancel';
  dialog.showModal();
  return new Promise((resolve) =>
    dialog.addEventListener('close', () => resolve(dialog.returnValue === 'ok'), { once: true }),
  );
}

/**
 * @param {string} title
 * @param {string} text
 */
export function confirmed(title, text) {
  setText(byId('sure-title', HTMLElement), title);
  setText(byId('sure-text', HTMLElement), text);
  return ask('sure');
}

async function askForToken() {
  const field = byId('token-value', HTMLInputElement);
  field.value = '';
  if (!(await ask('token')) || field.value === '') return false;
  sessionStorage.setItem(TOKEN, field.value);
  field.value = '';
  return true;
}

/**
 * @param {string} method
 * @param {string} path relative to the page
 * @param {unknown} [body]
 * @returns {Promise<any>} the answer
 * @throws {Error} in words
 */
export async function request(method, path, body) {
  for (;;) {
    const token = sessionStorage.getItem(TOKEN);
    /** @type {Record<string, string>} */
    const headers = { accept: 'application/json' };
    if (body !== undefined) headers['content-type'] = 'application/json';
    if (token && method !== 'GET') headers['authorization'] = `Bearer ${token}`;
    /** @type {Response} */
    let response;
    try {
      response = await fetch(path, {
        method,
        headers,
        body: body === undefined ? null : JSON.stringify(body),
      });
    } catch {
      throw new Error('The orchestrator can’t be reached.');
    }
    const answer = await response.json().catch(() => undefined);
    if (response.ok) return answer;
    if (response.status === 401) {
      // It was the wrong one, or there was none: asked for once more.
      sessionStorage.removeItem(TOKEN);
      if (await askForToken()) continue;
      throw new Error('Nothing was changed: it needs the API token.');
    }
    throw new Error(answer?.detail ?? `The orchestrator answered with status ${response.status}.`);
  }
}

/**
 * Does something for a button: it can't be pressed twice meanwhile, and what goes wrong is said.
 * @param {HTMLButtonElement} button
 * @param {() => Promise<string | undefined>} work returns what to say; undefined: it was given up
 */
export async function act(button, work) {
  button.disabled = true;
  try {
    const done = await work();
    if (done) say(done, 'fine');
  } catch (error) {
    say(error instanceof Error ? error.message : String(error), 'bad');
  } finally {
    button.disabled = false;
  }
}
