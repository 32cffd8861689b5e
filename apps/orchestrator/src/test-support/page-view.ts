import { until } from '@frame-buffer/testing';
import type { Browser, Page } from 'playwright-core';
import { type LiveSystem, startLiveSystem } from './live-system.ts';

/** The live page of a system of its own, in a browser. */
export interface PageView {
  readonly system: LiveSystem;
  readonly page: Page;
  text(selector: string): Promise<string>;
  /** The level of the verdict. */
  level(): Promise<string | null>;
  /** Waits until the text of the element is as wanted. */
  shows(selector: string, wanted: RegExp, deadlineMs?: number): Promise<unknown>;
  /** Waits until the verdict is fine. */
  fine(): Promise<unknown>;
  /** @returns what the browser complained of: a script that fails, a file that is missing, a policy that is broken */
  close(): Promise<string[]>;
}

export async function openPage(
  browser: Browser,
  env: Record<string, string> = {},
  options: Parameters<Browser['newPage']>[0] = { viewport: { width: 1280, height: 900 } },
): Promise<PageView> {
  const system = await startLiveSystem(env);
  const page = await browser.newPage(options);
  const complaints: string[] = [];
  page.on('pageerror', (error) => complaints.push(error.message));
  page.on('console', (message) => {
    // Answers are looked at by the tests; the browser logs a refusal too that the page has asked for.
    if (message.type() === 'error' && !message.text().startsWith('Failed to load'))
      complaints.push(message.text());
  });
  page.on('response', (response) => {
    if (response.status() >= 400 && response.url().includes('/page/')) complaints.push(response.url());
  });
  await page.goto(system.url);

  const text = async (selector: string): Promise<string> => (await page.textContent(selector)) ?? '';
  const level = () => page.getAttribute('#verdict', 'data-level');
  return {
    system,
    page,
    text,
    level,
    shows: (selector, wanted, deadlineMs = 10_000) =>
      until(async () => wanted.test(await text(selector)), {
        what: `${selector} to show ${String(wanted)}`,
        deadlineMs,
      }).catch(async (error: unknown) => {
        throw new Error(`${String(error)}; it shows: ${await text(selector)}`);
      }),
    fine: () =>
      until(async () => (await level()) === 'fine', { what: 'the verdict to be fine', deadlineMs: 15_000 }),
    async close() {
      await page.close();
      await system.stop();
      return complaints;
    },
  };
}
