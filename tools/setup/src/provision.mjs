import { spawnSync } from 'node:child_process';
import { decideChromium, decideFfmpeg, decidePrometheus, decideRedis } from './decide.mjs';
import { thisMachine } from './machine.mjs';
import { SetupError } from './setup-error.mjs';

/** @typedef {import('./decide.mjs').Decision} Decision */
/** @typedef {import('./machine.mjs').Machine} Machine */
/** @typedef {import('./needs.mjs').Need} Need */

const NAMES = { redis: 'Redis', ffmpeg: 'ffmpeg', chromium: 'Chromium', prometheus: 'Prometheus' };
const DECIDERS = {
  redis: decideRedis,
  ffmpeg: decideFfmpeg,
  chromium: decideChromium,
  prometheus: decidePrometheus,
};

/**
 * Makes sure that what a program needs is there, and installs it where it may.
 * @param {readonly Need[]} needs
 * @param {Record<string, string | undefined>} env
 * @param {(line: string) => void} say
 * @returns {Record<string, string>} more environment for the program
 * @throws {SetupError}
 */
export function provision(needs, env, say) {
  /** @type {Record<string, string>} */
  const more = {};
  for (const need of needs) {
    let decision = DECIDERS[need](thisMachine(env));
    if (decision.kind === 'install') {
      install(decision.plan, need, env, say);
      decision = DECIDERS[need](thisMachine(env));
    }
    if (decision.kind === 'container') more['TEST_REDIS'] = 'container';
    if (decision.kind === 'missing') throw new SetupError(decision.sentence);
    if (decision.kind === 'install') throw new SetupError(failure(need, decision.plan.manager));
  }
  return more;
}

/**
 * @param {import('./package-manager.mjs').InstallPlan} plan
 * @param {Need} need
 * @param {Record<string, string | undefined>} env
 * @param {(line: string) => void} say
 */
function install(plan, need, env, say) {
  const run = (/** @type {string[]} */ [command = '', ...args]) => {
    say(`$ ${[command, ...args].join(' ')}`);
    const result = spawnSync(command, args, {
      stdio: ['ignore', 2, 2],
      env: { ...env, DEBIAN_FRONTEND: 'noninteractive' },
    });
    return result.status === 0;
  };
  say(`${NAMES[need]} is missing; installing it with ${plan.manager}.`);
  if (plan.refresh) run(plan.refresh);
  if (!plan.attempts.some(run)) throw new SetupError(failure(need, plan.manager));
}

/**
 * @param {Need} need
 * @param {string} manager
 */
function failure(need, manager) {
  const otherWays = {
    redis: 'install redis-server or valkey-server, start Docker, or set REDIS_URL',
    ffmpeg: 'install it, or set FFMPEG_PATH to its program',
    chromium: 'install it or Google Chrome, or set CHROMIUM_PATH to its program',
    prometheus: 'put prometheus and promtool on the PATH',
  };
  return `${manager} could not install ${NAMES[need]}, see above: ${otherWays[need]}, and run the command again.`;
}
