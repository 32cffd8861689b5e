/** The page on a phone, in the dark, and without a mouse. */
import type { Browser } from 'playwright-core';
import { startBrowser } from '../test-support/browser.ts';
import { openPage, type PageView } from '../test-support/page-view.ts';

const TEST_MS = 60_000;
const PHONE = { viewport: { width: 375, height: 740 }, hasTouch: true, isMobile: true };
let browser: Browser;
let view: PageView;

beforeAll(async () => {
  browser = await startBrowser();
});
afterAll(() => browser.close());
afterEach(async () => expect(await view.close()).toEqual([]));

it(
  'fits on a phone, and what changes something can be hit with a thumb',
  async () => {
    view = await openPage(browser, {}, PHONE);
    const { system, page, shows } = view;
    system.processor('p1', 'detect');
    system.processor('a-processor-with-a-very-long-name-that-nobody-shortened-yet', 'detect');
    system.cameras(
      ['camera-1', 'the-camera-above-the-eastern-entrance-of-the-second-building'],
      100,
      'detect',
    );
    await system.publish('broken-and-with-an-id-that-is-longer-than-a-phone-is-wide', {
      detection_type: 'detect',
    });
    await shows('#processors-count', /^2 of 2 active/);
    await shows('#cameras-count', /^2 read/);
    await shows('#dead-count', /^1;/);
    const widths = await page.evaluate('[document.documentElement.scrollWidth, innerWidth]');
    expect(widths).toEqual([PHONE.viewport.width, PHONE.viewport.width]);
    const drain = page.getByRole('button', { name: 'Drain p1' });
    await drain.scrollIntoViewIfNeeded();
    const box = await drain.boundingBox();
    expect(box?.height).toBeGreaterThanOrEqual(36);
    expect((box?.x ?? 0) + (box?.width ?? Infinity)).toBeLessThanOrEqual(PHONE.viewport.width);
    await drain.tap();
    await shows('#processors tr[data-key="p1"]', /drained; restore it/);
  },
  TEST_MS,
);

/** The colour of the element's text, and of what is behind it. */
const colours = (selector: string): string => `(() => {
  const element = document.querySelector(${JSON.stringify(selector)});
  const groundOf = (node) => getComputedStyle(node).backgroundColor;
  let behind = element;
  while (behind.parentElement && /, 0\\)$/.test(groundOf(behind))) behind = behind.parentElement;
  return [getComputedStyle(element).color, groundOf(behind)];
})()`;

/** As WCAG 2 defines it: 1 to 21. */
function contrast(inks: readonly string[]): number {
  const luminances = inks.map((colour) => {
    const [r = 0, g = 0, b = 0] = (colour.match(/[\d.]+/g) ?? []).map((value) => {
      const share = Number(value) / 255;
      return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
    });
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  });
  return (Math.max(...luminances) + 0.05) / (Math.min(...luminances) + 0.05);
}

it.each(['light', 'dark'] as const)(
  'is readable in %s colours',
  async (colorScheme) => {
    view = await openPage(browser, {}, { viewport: { width: 1280, height: 900 }, colorScheme });
    const { system, page, shows } = view;
    system.processor('p1', 'detect');
    system.cameras(['camera-1'], 100, 'detect');
    await system.publish('broken-1', { detection_type: 'detect' });
    await shows('#dead-count', /^1;/);
    await shows('#cameras tr[data-key="camera-1"] span[data-tone]', /of/);
    const ground = await page.evaluate<string>('getComputedStyle(document.body).backgroundColor');
    const [brightness = Number.NaN] = (ground.match(/\d+/g) ?? []).map(Number);
    expect(brightness < 128).toBe(colorScheme === 'dark');
    for (const selector of [
      '#verdict-title',
      '#verdict-cause',
      '#verdict-since',
      '#about',
      '#flow dd',
      '#flow .note',
      '#books td:nth-child(2)',
      '#pressure-level',
      '#processors .pill, #processors [data-tone]',
      '#processors .sub',
      '#cameras span[data-tone]',
      '#dead .sub',
      '#dead button',
      '#connection',
    ]) {
      const found = await page.evaluate<string[]>(colours(selector));
      expect({ selector, found, readable: contrast(found) >= 4.5 }).toEqual({
        selector,
        found,
        readable: true,
      });
    }
  },
  TEST_MS,
);

it(
  'goes by keyboard from the verdict to a frame and on to a processor, with a focus that can be seen',
  async () => {
    view = await openPage(browser);
    const { system, page, shows } = view;
    system.processor('p1', 'detect');
    await shows('#processors-count', /^1 of 1 active/);
    await system.publish('frame-1', { detection_type: 'detect' });
    await shows('#books', /completed1/);
    const focused = () =>
      page.evaluate<string>('document.activeElement.id || document.activeElement.getAttribute("aria-label")');
    await page.keyboard.press('Tab');
    await page.keyboard.press('Enter');
    expect(await focused()).toBe('verdict');
    await page.keyboard.press('Shift+Tab');
    await page.keyboard.press('Shift+Tab');
    await page.keyboard.press('Shift+Tab');
    expect(await focused()).toBe('frame-id');
    expect(await page.evaluate('getComputedStyle(document.activeElement).outlineStyle')).toBe('solid');
    await page.keyboard.type('frame-1');
    await page.keyboard.press('Enter');
    await shows('#found', /Now: result published by p1/);
    for (let presses = 0; (await focused()) !== 'Drain p1'; presses++) {
      if (presses > 20) throw new Error('no way to the button by Tab');
      await page.keyboard.press('Tab');
    }
    await page.keyboard.press('Space');
    await shows('#processors tr[data-key="p1"]', /drained; restore it/);
  },
  TEST_MS,
);
