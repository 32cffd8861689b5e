/** What the ledger finds lost, as `GET /metrics` tells it: the same count at every orchestrator, and after a restart. */
import { INPUT_GROUP, keyNames } from '@frame-buffer/models';
import { until } from '@frame-buffer/testing';
import type { Orchestrator } from './compose.ts';
import { openScene, type Scene } from './test-support/scene.ts';

const keys = keyNames();
const WAIT_MS = 15_000;
let scene: Scene;
beforeAll(async () => {
  scene = await openScene();
});
afterEach(() => scene.clear());
afterAll(() => scene.end());

async function lostAt({ url }: Orchestrator): Promise<Record<string, number>> {
  const text = await (await fetch(`${url}/metrics`)).text();
  const found = text.matchAll(/^frame_buffer_frames_lost_total\{reason="(\w+)"\} (\d+)$/gm);
  return Object.fromEntries([...found].map(([, reason, frames]) => [reason, Number(frames)]));
}

const tells = (orchestrator: Orchestrator, expected: Record<string, number>) =>
  until(
    async () => {
      const lost = await lostAt(orchestrator);
      return Object.entries(expected).every(([reason, frames]) => lost[reason] === frames);
    },
    { what: `${orchestrator.url} to tell ${JSON.stringify(expected)}`, deadlineMs: WAIT_MS },
  );

const NONE = { trimmed_unread: 0, deleted_pending: 0, deleted_in_queue: 0 };

it('counts what a publisher trimmed before it was read once, with two orchestrators and after a restart', async () => {
  const first = await scene.orchestrate();
  const second = await scene.orchestrate();
  for (const orchestrator of [first, second]) {
    await tells(orchestrator, NONE);
    await fetch(`${orchestrator.url}/control/pause`, { method: 'POST' });
  }
  // A read that was under way when they were paused ends first.
  await until(
    async () => {
      await scene.publish(1);
      return ((await scene.books())?.unread ?? 0) >= 3;
    },
    { what: 'frames to stay unread', everyMs: 200 },
  );
  const { unread = 0 } = (await scene.books()) ?? {};
  await scene.redis.xtrim(keys.input, 'MAXLEN', 0);
  const expected = { ...NONE, trimmed_unread: unread };
  await tells(first, expected);
  await tells(second, expected);
  const third = await scene.orchestrate();
  await tells(third, expected);
  expect(await lostAt(first)).toEqual(expected);
  expect(await scene.books()).toMatchObject({ lostUpstream: unread, unaccounted: 0 });
}, 60_000);

it('counts what was deleted while it waited once it is found, by whoever finds it', async () => {
  const first = await scene.orchestrate();
  await scene.publish(2);
  await until(async () => (await scene.books())?.pendingInput === 2, { what: 'both to wait' });
  const [entry] = (await scene.redis.xpending(keys.input, INPUT_GROUP, '-', '+', 10)) as [string][];
  await scene.redis.xdel(keys.input, entry?.[0] ?? '');
  await first.stop();
  const second = await scene.orchestrate();
  await tells(second, { ...NONE, deleted_pending: 1 });
  expect(await scene.books()).toMatchObject({ lostUpstream: 1, unaccounted: 0 });
}, 60_000);
