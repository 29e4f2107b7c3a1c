import type { JsonObject } from './catalogue-entry';

/** The root of a schema: an object with a title, in the dialect that every schema of the catalogue uses. */
export function rootSchema(title: string, properties: JsonObject, required: readonly string[]): JsonObject {
  return { $schema: 'https://json-schema.org/draft/2020-12/schema', title, ...objectSchema(properties, required) };
}

export function objectSchema(properties: JsonObject, required: readonly string[]): JsonObject {
  return { type: 'object', properties, required };
}

export function listSchema(items: JsonObject): JsonObject {
  return { type: 'array', items };
}

export function textSchema(description: string): JsonObject {
  return { type: 'string', description };
}

/** An optional value is sent as null, or left out where the schema does not require it. */
export function nullable(schema: JsonObject): JsonObject {
  return { anyOf: [schema, { type: 'null' }] };
}

export function choiceSchema(description: string, choices: readonly string[]): JsonObject {
  return { type: 'string', enum: choices, description };
}

/** Ids of stores may be 64-bit: a string is safe everywhere, a number arrives digit by digit as it was published. */
export const ID_SCHEMA: JsonObject = {
  type: ['string', 'integer'],
  description: 'Identifies the record in the store. May exceed 2^53 when it is a number.',
};

export const MONEY_SCHEMA: JsonObject = {
  anyOf: [{ type: 'string', pattern: '^-?[0-9]+(\\.[0-9]+)?$' }, { type: 'number' }],
  description:
    'An amount, best as a decimal string: "129.90". Signpost passes a number on as it was written; receivers may not.',
};

export const CURRENCY_SCHEMA: JsonObject = {
  type: 'string',
  pattern: '^[A-Z]{3}$',
  description: 'ISO 4217 code.',
};

export const TIME_SCHEMA: JsonObject = {
  type: 'string',
  format: 'date-time',
  description: 'ISO 8601 with a time zone.',
};

export const ADDRESS_SCHEMA: JsonObject = objectSchema(
  {
    name: textSchema('Recipient.'),
    company: nullable(textSchema('Company, if any.')),
    line1: textSchema('Street and number.'),
    line2: nullable(textSchema('Floor, flat or similar.')),
    postalCode: textSchema('Postal code.'),
    city: textSchema('City.'),
    region: nullable(textSchema('State, province or region.')),
    countryCode: { type: 'string', pattern: '^[A-Z]{2}$', description: 'ISO 3166-1 alpha-2 code.' },
    phone: nullable(textSchema('In international notation.')),
  },
  ['name', 'line1', 'postalCode', 'city', 'countryCode'],
);
