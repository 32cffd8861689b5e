/** The live page as an operator meets it: a real browser, a real Redis, processors that are programs. */
import { keyNames } from '@frame-buffer/models';
import { until } from '@frame-buffer/testing';
import type { Browser, Page } from 'playwright-core';
import { startBrowser } from '../test-support/browser.ts';
import { startCrowd } from '../test-support/crowd.ts';
import type { LiveSystem } from '../test-support/live-system.ts';
import { openPage, type PageView } from '../test-support/page-view.ts';

/** A browser and some programs start and end in each of these. */
const TEST_MS = 60_000;
const keys = keyNames();
let browser: Browser;
let view: PageView;
let system: LiveSystem;
let page: Page;

beforeAll(async () => {
  browser = await startBrowser();
});
afterAll(() => browser.close());
afterEach(async () => expect(await view.close()).toEqual([]));

async function open(env: Record<string, string> = {}): Promise<void> {
  view = await openPage(browser, env);
  ({ system, page, text, level, shows, fine } = view);
}

let { text, level, shows, fine }: Pick<PageView, 'text' | 'level' | 'shows' | 'fine'> = {} as PageView;
const row = (id: string) => page.locator(`#processors tr[data-key="${id}"]`);

it(
  'shows what flows, and that every frame is accounted for',
  async () => {
    await open();
    system.processor('p1', 'detect');
    system.cameras(['camera-1', 'camera-2'], 100, 'detect');
    await fine();
    await shows('#flow [data-name="done"] dd', /^1[5-9]|^2\d/);
    await shows('#books tr:last-child', /unaccounted0$/);
    await shows('#cameras tr[data-key="camera-1"]', /(9\.\d|1\d(\.\d)?) of (9\.\d|1\d(\.\d)?) · [01] s/);
    await shows('#processors tr[data-key="p1"]', /detect.*active.* of 8/);
    await shows('#redis', /noeviction/);
    expect(await text('#connection')).toBe('live');
    expect(await text('#about')).toContain('least loaded');
  },
  TEST_MS,
);

it(
  'says within 3 s that a processor was killed, and recovers when it is back',
  async () => {
    await open();
    const victim = system.processor('p1', 'detect');
    system.processor('p2', 'detect');
    system.cameras(['camera-1'], 100, 'detect');
    await shows('#processors-count', /^2 of 2 active/);
    await fine();
    victim.kill('SIGKILL');
    const killedMs = performance.now();
    await shows('#verdict-title', /p1/, 3_000);
    expect(performance.now() - killedMs).toBeLessThan(3_000);
    expect(await level()).toBe('warn');
    await shows('#verdict-title', /1 processor died: p1/);
    expect(await text('#verdict-next')).toContain('its frames went to others');
    system.processor('p1', 'detect');
    await fine();
    await shows('#books tr:last-child', /unaccounted0$/);
  },
  TEST_MS,
);

it(
  'drains and restores a processor by keyboard',
  async () => {
    await open();
    system.processor('p1', 'detect');
    system.processor('p2', 'detect');
    system.cameras(['camera-1'], 50, 'detect');
    await shows('#processors-count', /^2 of 2 active/);
    await row('p1').getByRole('button', { name: 'Drain p1' }).focus();
    await page.keyboard.press('Enter');
    await shows('#message', /p1 gets no more frames and finishes what it has/);
    await shows('#processors tr[data-key="p1"]', /draining.*drained; restore it to use it again/);
    await page.keyboard.press('Tab');
    await row('p1').getByRole('button', { name: 'Restore p1' }).focus();
    await page.keyboard.press('Enter');
    await shows('#processors tr[data-key="p1"]', /active/);
    await fine();
  },
  TEST_MS,
);

it(
  'says what frames wait for when the only processor is isolated',
  async () => {
    await open();
    system.processor('p1', 'detect');
    system.cameras(['camera-1'], 100, 'detect');
    await shows('#processors-count', /^1 of 1 active/);
    await row('p1').getByRole('button', { name: 'Isolate p1' }).click();
    await shows('#verdict-title', /frames? waits?.*no processor takes detect/);
    expect(await level()).toBe('bad');
    expect(await text('#verdict-cause')).toContain('p1, which takes it, is isolated');
    await shows('#waiting tbody', /detect/);
    await row('p1').getByRole('button', { name: 'Restore p1' }).click();
    await fine();
  },
  TEST_MS,
);

it(
  'finds a frame and tells its path with the reason of the decision',
  async () => {
    await open();
    system.processor('p1', 'detect');
    await shows('#processors-count', /^1 of 1 active/);
    await system.publish('frame-7', { detection_type: 'detect' });
    await until(() => system.redis.xlen(keys.results), { what: 'the result' });
    await page.fill('#frame-id', 'frame-7');
    await page.press('#frame-id', 'Enter');
    await shows('#found', /Now: result published by p1/);
    const path = await page.locator('#found .path li').allTextContents();
    expect(path.join('\n')).toMatch(
      /(published|captured) by camera [^]*handed to p1 for detect: it had the lowest load \(least_loaded\)[^]*result of detect published by p1/,
    );
    const candidates = await page.locator('#found tbody tr').allTextContents();
    expect(candidates).toEqual([expect.stringMatching(/^p10 of \d+.*chosen$/)]);
    await page.fill('#frame-id', 'no-such-frame');
    await page.press('#frame-id', 'Enter');
    await shows('#message', /trace of a frame no-such-frame/);
  },
  TEST_MS,
);

it(
  'explains a frame that waits: who could take it, and why nobody does',
  async () => {
    await open();
    system.processor('p1', 'other');
    await shows('#processors-count', /^1 of 1 active/);
    await system.publish('waiting-1', { detection_type: 'detect' });
    await shows('#waiting tbody', /detect1/);
    await page.fill('#frame-id', 'waiting-1');
    await page.press('#frame-id', 'Enter');
    await shows('#found', /it waits: no processor is registered for it.*Excluded: capability: 1 \(p1\)/);
  },
  TEST_MS,
);

it(
  'looks inside a dead letter, sends it again and deletes it',
  async () => {
    await open();
    system.processor('p1', 'detect');
    await shows('#processors-count', /^1 of 1 active/);
    await system.publish('broken-1', { detection_type: 'detect' });
    await shows('#dead tbody', /broken-1/);
    await shows('#verdict-title', /1 new dead letter/);
    const buttons = (name: string) => page.getByRole('button', { name: `${name}: broken-1` });
    await buttons('Look inside').click();
    await shows('#inside-fields', /the picture is broken/);
    await page.keyboard.press('Escape');
    const [[first] = []] = await system.redis.xrange(keys.deadLetter, '-', '+');
    await buttons('Send again').click();
    await shows('#message', /broken-1 is sent again/);
    // It fails again, so it comes back as another dead letter.
    await until(
      async () => {
        const [[id] = []] = await system.redis.xrange(keys.deadLetter, '-', '+');
        return id !== undefined && id !== first;
      },
      { what: 'the frame to come back' },
    );
    await until(async () => (await page.locator(`#dead tr[data-key="${first}"]`).count()) === 0, {
      what: 'the old row to go',
    });
    await shows('#dead tbody', /broken-1/);
    await buttons('Delete').click();
    await page.locator('#sure button[value="ok"]').click();
    await until(async () => (await system.redis.xlen(keys.deadLetter)) === 0, { what: 'it to be gone' });
    await until(async () => (await page.locator('#dead tbody tr').count()) === 0, { what: 'the row to go' });
  },
  TEST_MS,
);

it(
  'asks for the token once, says when it is wrong, and sends it from then on',
  async () => {
    await open({ API_TOKEN: 'sesame' });
    await page.locator('#pause:enabled').click();
    await page.fill('#token-value', 'wrong');
    await page.keyboard.press('Enter');
    await until(
      () =>
        page
          .locator('#token-value')
          .inputValue()
          .then((value) => value === ''),
      { what: 'it to ask again' },
    );
    await page.fill('#token-value', 'sesame');
    await page.keyboard.press('Enter');
    await shows('#verdict-title', /Reading is paused/);
    await page.getByRole('button', { name: 'Resume' }).click();
    await fine();
  },
  TEST_MS,
);

it(
  'says that it is not connected, and comes back by itself when the orchestrator does',
  async () => {
    await open();
    await shows('#connection', /^live$/);
    await system.down();
    await shows('#connection', /^not connected$/);
    await system.up();
    await shows('#connection', /^live$/);
  },
  TEST_MS,
);

it(
  'keeps the main thread free for more than half of the time with 300 processors and 100 cameras',
  async () => {
    await open({ SILENT_QUEUE_MS: '600000' });
    const crowd = await startCrowd(system, { processors: 300, cameras: 100, framesPerSecond: 200 });
    try {
      await shows('#processors-count', /^300 of 300 active/, 30_000);
      await shows('#cameras-count', /^100 read/, 30_000);
      const session = await page.context().newCDPSession(page);
      await session.send('Performance.enable', { timeDomain: 'threadTicks' });
      const busySeconds = async (): Promise<number> => {
        const { metrics } = await session.send('Performance.getMetrics');
        return metrics.find(({ name }) => name === 'TaskDuration')?.value ?? Number.NaN;
      };
      await page.locator('#processors-title').scrollIntoViewIfNeeded();
      const before = await busySeconds();
      const startMs = performance.now();
      let states = 0;
      await until(async () => ++states > 40 && performance.now() - startMs > 8_000, {
        what: 'eight seconds to pass',
        everyMs: 200,
        deadlineMs: 20_000,
      });
      const share = ((await busySeconds()) - before) / ((performance.now() - startMs) / 1_000);
      expect(share).toBeGreaterThan(0);
      expect(share).toBeLessThan(0.5);
    } finally {
      await crowd.stop();
    }
  },
  TEST_MS,
);
