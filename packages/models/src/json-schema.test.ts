import * as t from 'io-ts';
import * as models from './index.ts';
import { jsonSchemaOf } from './json-schema.ts';

const exported: [string, unknown][] = Object.entries(models);
const codecs = exported.filter((entry): entry is [string, t.Mixed] => entry[1] instanceof t.Type);

describe('jsonSchemaOf', () => {
  it('is asked for every codec that is exported', () => {
    expect(codecs.length).toBeGreaterThanOrEqual(14);
  });

  it.each(codecs)('knows %s', (_name, codec) => {
    const schema = jsonSchemaOf(codec);
    expect(Object.keys(schema)).not.toEqual([]);
    expect(JSON.parse(JSON.stringify(schema))).toEqual(schema);
  });

  it('makes one object of required and optional fields', () => {
    const schema = jsonSchemaOf(models.registrationRequest) as {
      properties: Record<string, unknown>;
      required: string[];
    };
    expect(schema.required).toEqual(['id', 'capabilities', 'capacity']);
    expect(schema.properties).toMatchObject({
      capacity: { type: 'integer', minimum: 1, maximum: 100_000 },
      capabilities: { type: 'array', items: { type: 'string', pattern: '^[A-Za-z0-9._:-]{1,128}$' } },
      takeover: { type: 'boolean' },
      completion: { type: 'string', enum: ['delete', 'acknowledge'] },
      metadata: { type: 'object' },
    });
  });

  it('names alternatives', () => {
    const schema = jsonSchemaOf(models.notice) as { anyOf: { properties: { type: unknown } }[] };
    expect(schema.anyOf.map(({ properties }) => properties.type)).toEqual([
      { const: 'credit' },
      { const: 'registry' },
      { const: 'outcome' },
      { const: 'level' },
      { const: 'advice' },
    ]);
  });

  it.each<[codec: t.Mixed, schema: unknown]>([
    [t.null, { type: 'null' }],
    [t.unknown, {}],
    [t.record(t.string, t.number), { type: 'object', additionalProperties: { type: 'number' } }],
    [t.readonlyArray(t.string), { type: 'array', items: { type: 'string' } }],
    [
      t.intersection([t.type({ a: t.string }), t.UnknownRecord]),
      {
        allOf: [
          { type: 'object', properties: { a: { type: 'string' } }, required: ['a'] },
          { type: 'object' },
        ],
      },
    ],
  ])('of %p', (codec, schema) => {
    expect(jsonSchemaOf(codec)).toEqual(schema);
  });

  it('refuses a codec that it does not know, rather than leave it out', () => {
    expect(() => jsonSchemaOf(t.type({ at: t.keyof({ a: null }) }))).toThrow(
      new TypeError('no JSON Schema is known for the codec "a" (KeyofType)'),
    );
  });
});
