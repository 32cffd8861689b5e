import base from '../../eslint.config.mjs';

const BROWSER = [
  'clearTimeout',
  'document',
  'EventSource',
  'fetch',
  'HTMLButtonElement',
  'HTMLDialogElement',
  'HTMLElement',
  'HTMLFormElement',
  'HTMLInputElement',
  'HTMLMeterElement',
  'HTMLProgressElement',
  'HTMLTableElement',
  'HTMLTableRowElement',
  'IntersectionObserver',
  'matchMedia',
  'requestAnimationFrame',
  'ResizeObserver',
  'sessionStorage',
  'setTimeout',
  'Text',
];

export default [
  ...base,
  {
    files: ['web/**/*.js'],
    languageOptions: { globals: Object.fromEntries(BROWSER.map((name) => [name, 'readonly'])) },
  },
];
