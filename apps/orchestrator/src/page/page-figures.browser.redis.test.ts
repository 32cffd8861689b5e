/** Every figure that the page promises, read in a real browser while a real system makes it. */
import { keyNames } from '@frame-buffer/models';
import { until } from '@frame-buffer/testing';
import type { Browser } from 'playwright-core';
import { startBrowser } from '../test-support/browser.ts';
import { openPage, type PageView } from '../test-support/page-view.ts';

const TEST_MS = 60_000;
const keys = keyNames();
let browser: Browser;
let view: PageView;

beforeAll(async () => {
  browser = await startBrowser();
});
afterAll(() => browser.close());
afterEach(async () => expect(await view.close()).toEqual([]));

/** The text of a row, cell by cell. */
const cells = (table: string, key: string): Promise<string[]> =>
  view.page.locator(`#${table} tr[data-key="${key}"] > *`).allTextContents();

it(
  'shows what is shed by reason, the pressure with its cause, and what waits by priority',
  async () => {
    view = await openPage(browser, {
      MAX_WAITING_FRAMES: '100',
      WAITING_PER_CAPABILITY: '10',
      SHEDDING_POLICY: 'drop_oldest',
    });
    const { system, shows, text } = view;
    system.processor('p1', 'other');
    await shows('#processors-count', /^1 of 1 active/);
    await system.publish('urgent', { detection_type: 'detect', priority: '9' });
    for (let i = 0; i < 14; i++) await system.publish(`f${i}`, { detection_type: 'detect' });
    await shows('#flow [data-name="shed"] .note', /^5 in all · room full 5$/);
    await shows('#books', /shed5/);
    await shows('#pressure-level', /^critical$/);
    await shows(
      '#pressure tr[data-key="detect"]',
      /^detectcriticalits (queues and its waiting room fill up|frames wait too long)$/,
    );
    expect((await cells('pressure', 'other')).slice(0, 2)).toEqual(['other', 'normal']);
    const [name, frames, oldest, classes] = await cells('waiting', 'detect');
    expect([name, frames, classes]).toEqual([
      'detect',
      '10',
      expect.stringMatching(/high 1.*low 9|low 9.*high 1/),
    ]);
    expect(oldest).toMatch(/^\d+ ms$|^\d+(\.\d)? s$/);
    await shows('#verdict-others', /pressure is critical/);
    expect(await text('#verdict-title')).toMatch(/10 frames wait, and no processor takes detect/);
  },
  TEST_MS,
);

it(
  'shows what was lost by reason, in the flow, the ledger and the verdict',
  async () => {
    view = await openPage(browser);
    const { system, page, shows, text, level } = view;
    await page.locator('#pause:enabled').click();
    await shows('#verdict-title', /Reading is paused/);
    // A read that was under way when it was paused ends first.
    let published = 0;
    await until(
      async () => {
        await system.publish(`f${published++}`, { detection_type: 'detect' });
        return (
          (await system.redis.xlen(keys.input)) >= 3 &&
          /[1-9]/.test(/unread in Redis(\d+)/.exec(await text('#books'))?.[1] ?? '')
        );
      },
      { what: 'frames to stay unread', everyMs: 300 },
    );
    await system.redis.xtrim(keys.input, 'MAXLEN', 0);
    await shows('#flow [data-name="lost"] .note', /^[1-9]\d* in all · trimmed unread [1-9]\d*/);
    await shows('#verdict-title', /frames? lost before they were done/);
    expect(await level()).toBe('bad');
    await shows('#books', /lost upstream[1-9]/);
    await shows('#books tr:last-child', /unaccounted0$/);
  },
  TEST_MS,
);

it(
  'shows of each processor what it does, and why another one gets no work',
  async () => {
    view = await openPage(browser);
    const { system, shows } = view;
    system.processor('busy', 'detect');
    system.processor('idle', 'other');
    await shows('#processors-count', /^2 of 2 active/);
    system.cameras(['camera-1'], 50, 'detect');
    await system.publish('broken-1', { detection_type: 'detect' });
    await shows('#dead-count', /^1; 1 in the last minute/);
    await shows('#processors tr[data-key="busy"] td:nth-child(4)', /^1\d$|^20$/);
    const [id, state, outstanding, rate, p95, errors, breaker, heartbeat, idle, actions] = await cells(
      'processors',
      'busy',
    );
    expect({ id, state, outstanding, rate, p95, errors, breaker, heartbeat, idle, actions }).toEqual({
      id: 'busydetect',
      state: 'active',
      outstanding: expect.stringMatching(/^\d of 8$/),
      rate: expect.stringMatching(/^\d+(\.\d)?$/),
      p95: expect.stringMatching(/^\d+ ms$/),
      // Of three attempts the last made it a dead letter at once.
      errors: expect.stringMatching(/^[23]$/),
      breaker: 'closed',
      heartbeat: expect.stringMatching(/^\d+ s$/),
      idle: '',
      actions: 'DrainIsolateRestore',
    });
    await shows('#processors tr[data-key="idle"]', /no frame asks for other/);
  },
  TEST_MS,
);

it(
  'shows how much memory Redis has left, and for how long',
  async () => {
    view = await openPage(browser);
    const { system, shows } = view;
    await shows('#redis', /Memory[\d.]+ [KMG]iB of .*Headroomit doesn’t grow.*Policynoeviction/);
    await system.redis.config('SET', 'maxmemory', String(64 * 1024 * 1024));
    let filled = 0;
    const timer = setInterval(
      () => void system.redis.set(`fill-${filled++}`, 'x'.repeat(100_000)).catch(() => {}),
      100,
    );
    try {
      await shows(
        '#redis',
        /Memory[\d.]+ MiB of 64 MiB.*Headroomfull in \d+ (s|min) as it grows now/,
        20_000,
      );
      await shows('#verdict-title', /Redis’ memory is \d+ % full, and as it grows now it is full in/);
    } finally {
      clearInterval(timer);
    }
    await system.redis.config('SET', 'maxmemory-policy', 'allkeys-lru');
    await shows('#verdict-title', /Redis deletes streams when its memory is full/);
  },
  TEST_MS,
);
