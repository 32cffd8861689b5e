/** docs/protocol.md is what others write their processors from: it names every field that is understood. */
import { readFileSync } from 'node:fs';
import { heartbeat, jsonSchemaOf, keyNames, registrationRequest } from '@frame-buffer/models';
import { DEAD_LETTER_REASONS } from '@frame-buffer/stream-consumer';

const page = readFileSync(new URL('../../../docs/protocol.md', import.meta.url), 'utf8');
const missing = (names: readonly string[]): string[] => names.filter((name) => !page.includes(name));

describe('docs/protocol.md', () => {
  it('names every field of a registration', () => {
    const fields = Object.keys(jsonSchemaOf(registrationRequest)['properties'] as object);
    expect(fields.length).toBeGreaterThan(10);
    expect(missing(fields.map((field) => `\`${field}\``))).toEqual([]);
  });

  it('names every field of a heartbeat', () => {
    const fields = Object.keys(jsonSchemaOf(heartbeat)['properties'] as object);
    expect(missing(fields.map((field) => `"${field}"`))).toEqual([]);
  });

  it('names every key, and every reason of a dead letter', () => {
    const keys = Object.values(keyNames()).map((key) => (typeof key === 'string' ? key : key('<id>')));
    expect(missing(keys.filter((key) => !key.startsWith('frames:ready')))).toEqual([]);
    expect(missing(DEAD_LETTER_REASONS)).toEqual([]);
  });
});
