/** @typedef {import('./machine.mjs').Machine} Machine */
/** @typedef {import('./needs.mjs').Need} Need */

/**
 * How one package manager installs.
 * @typedef {object} Manager
 * @property {string} command
 * @property {boolean} needsRoot
 * @property {string[]} [refresh] arguments that bring its lists up to date; may fail, where only some of them are out of reach
 * @property {string[]} install
 * @property {Record<Need, string[]>} packages the first of these that there is
 */

/** @type {readonly Manager[]} */
const MANAGERS = [
  {
    command: 'apt-get',
    needsRoot: true,
    refresh: ['update'],
    install: ['install', '-y', '--no-install-recommends'],
    packages: {
      redis: ['redis-server', 'valkey-server'],
      ffmpeg: ['ffmpeg'],
      chromium: ['chromium', 'chromium-browser'],
      prometheus: ['prometheus'],
    },
  },
  {
    command: 'dnf',
    needsRoot: true,
    install: ['install', '-y'],
    packages: {
      redis: ['redis', 'valkey'],
      ffmpeg: ['ffmpeg', 'ffmpeg-free'],
      chromium: ['chromium'],
      prometheus: ['prometheus', 'golang-github-prometheus'],
    },
  },
  {
    command: 'apk',
    needsRoot: true,
    install: ['add', '--no-cache'],
    packages: {
      redis: ['redis', 'valkey'],
      ffmpeg: ['ffmpeg'],
      chromium: ['chromium'],
      prometheus: ['prometheus'],
    },
  },
  {
    command: 'pacman',
    needsRoot: true,
    install: ['-Sy', '--noconfirm', '--needed'],
    packages: {
      redis: ['valkey', 'redis'],
      ffmpeg: ['ffmpeg'],
      chromium: ['chromium'],
      prometheus: ['prometheus'],
    },
  },
  {
    command: 'brew',
    needsRoot: false,
    install: ['install'],
    packages: {
      redis: ['redis', 'valkey'],
      ffmpeg: ['ffmpeg'],
      chromium: ['google-chrome'],
      prometheus: ['prometheus'],
    },
  },
];

/**
 * @typedef {object} InstallPlan
 * @property {string} manager
 * @property {string[] | undefined} refresh
 * @property {string[][]} attempts commands of which the first that ends with 0 is enough
 */

/**
 * How to install something here without asking anybody for a password.
 * @param {Machine} machine
 * @param {Need} what
 * @returns {InstallPlan | undefined} undefined where that isn't possible
 */
export function installPlan(machine, what) {
  const manager = MANAGERS.find(
    ({ command, needsRoot }) => machine.has(command) && (needsRoot || !machine.isRoot),
  );
  if (!manager) return undefined;
  const prefix = prefixFor(machine, manager);
  if (!prefix) return undefined;
  const full = (/** @type {string[]} */ args) => [...prefix, manager.command, ...args];
  return {
    manager: manager.command,
    refresh: manager.refresh && full(manager.refresh),
    attempts: manager.packages[what].map((name) => full([...manager.install, name])),
  };
}

/**
 * @param {Machine} machine
 * @param {Manager} manager
 * @returns {string[] | undefined}
 */
function prefixFor(machine, { needsRoot }) {
  if (!needsRoot || machine.isRoot) return [];
  return machine.has('sudo') && machine.succeeds('sudo', '-n', 'true') ? ['sudo', '-n'] : undefined;
}
