/** The live page's events without a browser. */
import { type LiveSystem, startLiveSystem } from '../test-support/live-system.ts';
import type { LiveState } from './live-state.ts';

let system: LiveSystem;
beforeEach(async () => {
  system = await startLiveSystem();
});
afterEach(() => system.stop());

it('greets with the history and the state, goes on with states, and ends with the orchestrator', async () => {
  const response = await fetch(`${system.url}/events`);
  expect(response.headers.get('content-type')).toContain('text/event-stream');
  const decoder = new TextDecoder();
  let text = '';
  let states = 0;
  for await (const chunk of response.body ?? []) {
    text += decoder.decode(chunk as Uint8Array, { stream: true });
    states = text.split('event: state\n').length - 1;
    if (states === 3) await system.down();
  }
  await system.up();
  expect(text).toMatch(/^retry: 1000\n\nevent: history\ndata: \[/);
  const [, json = '{}'] = /event: state\ndata: (.*)\n/.exec(text) ?? [];
  const state = JSON.parse(json) as LiveState;
  expect(state.books?.unaccounted ?? 0).toBe(0);
  expect(state.verdict.level).toBe('fine');
  expect(states).toBeGreaterThanOrEqual(3);
});

it('serves the page and its files with a policy that allows nothing from elsewhere', async () => {
  for (const path of ['/', '/page/main.js', '/page/page.css', '/page/uplot.js', '/api/v1/page/icon.svg']) {
    const response = await fetch(`${system.url}${path}`);
    expect([path, response.status]).toEqual([path, 200]);
    expect(response.headers.get('content-security-policy')).toContain("default-src 'none'");
  }
});
