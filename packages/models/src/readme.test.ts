import { readFileSync } from 'node:fs';
import { decodeFrame, faultsText, keyNames } from './index.ts';

describe('the example of the README', () => {
  it('is the code that runs here', () => {
    const readme = readFileSync(new URL('../README.md', import.meta.url), 'utf8');
    const example = /```ts\n(.*?)```/s.exec(readme)?.[1] ?? '';
    const source = readFileSync(new URL(import.meta.url), 'utf8');
    const [, here] = /\/\/ example-start\n(.*?)\s*\/\/ example-end/s.exec(source) ?? [];
    // Prettier breaks lines by their indentation, which differs: whitespace is not compared.
    const code = (text: string) => text.replace(/^import .*$/gm, '').replace(/\s+/g, '');
    expect(code(example).length).toBeGreaterThan(100);
    expect(code(here ?? '')).toBe(code(example));
  });

  it('runs', () => {
    const said: string[] = [];
    const say = (text: string): void => void said.push(text);
    // example-start
    const keys = keyNames();
    say(keys.ready('motion-1')); // frames:ready:motion-1

    const good = decodeFrame({
      frame_id: 'door-7',
      camera_id: 'door',
      priority: '5',
      metadata: "{'detection_type': 'face_detection', 'armed': True}", // Python's str(), or JSON
    });
    if (good.ok) say(good.value.capabilities.join()); // face_detection

    const bad = decodeFrame({ frame_id: 'door-8', priority: 'high' });
    if (!bad.ok) say(faultsText(bad.faults));
    // example-end
    expect(said).toEqual([
      'frames:ready:motion-1',
      'face_detection',
      'camera_id: expected text of 1 to 512 characters, found nothing; ' +
        'priority: expected a whole number from 0 to 10, found "high"',
    ]);
  });
});
