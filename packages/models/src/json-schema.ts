import type * as t from 'io-ts';
import { DescribedType, type JsonSchema } from './described.ts';

/**
 * JSON Schema 2020-12 of an io-ts codec, read from the codec itself.
 * @throws TypeError for a codec of a kind that has no schema here, so that a document is never silently incomplete.
 */
export function jsonSchemaOf(codec: t.Mixed): JsonSchema {
  if (codec instanceof DescribedType) return codec.jsonSchema;
  // io-ts tags its combinators; the tags are part of its documented interface.
  const type = codec as unknown as {
    _tag?: string;
    name: string;
    type: t.Mixed;
    types: t.Mixed[];
    props: Record<string, t.Mixed>;
    codomain: t.Mixed;
    value: unknown;
  };
  switch (type._tag) {
    case 'StringType':
      return { type: 'string' };
    case 'NumberType':
      return { type: 'number' };
    case 'BooleanType':
      return { type: 'boolean' };
    case 'NullType':
      return { type: 'null' };
    case 'UnknownType':
      return {};
    case 'LiteralType':
      return { const: type.value };
    case 'ArrayType':
    case 'ReadonlyArrayType':
      return { type: 'array', items: jsonSchemaOf(type.type) };
    case 'AnyDictionaryType':
      return { type: 'object' };
    case 'DictionaryType':
      return { type: 'object', additionalProperties: jsonSchemaOf(type.codomain) };
    case 'InterfaceType':
      return { type: 'object', properties: propertiesOf(type.props), required: Object.keys(type.props) };
    case 'PartialType':
      return { type: 'object', properties: propertiesOf(type.props) };
    case 'IntersectionType':
      return mergeObjects(type.types.map(jsonSchemaOf));
    case 'UnionType':
      return { anyOf: type.types.map(jsonSchemaOf) };
    default:
      throw new TypeError(`no JSON Schema is known for the codec ${type.name} (${type._tag ?? 'no tag'})`);
  }
}

function propertiesOf(props: Record<string, t.Mixed>): Record<string, JsonSchema> {
  return Object.fromEntries(Object.entries(props).map(([name, codec]) => [name, jsonSchemaOf(codec)]));
}

/** An intersection of objects, as our codecs use it (required and optional fields), is one object. */
function mergeObjects(schemas: JsonSchema[]): JsonSchema {
  if (!schemas.every((schema) => schema['type'] === 'object' && schema['properties']))
    return { allOf: schemas };
  const properties = Object.assign({}, ...schemas.map((schema) => schema['properties']));
  const required = schemas.flatMap((schema) => (schema['required'] as string[] | undefined) ?? []);
  return required.length > 0 ? { type: 'object', properties, required } : { type: 'object', properties };
}
