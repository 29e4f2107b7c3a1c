import type { CatalogueEntry, JsonObject } from './catalogue-entry';
import { ADDRESS_SCHEMA, ID_SCHEMA, listSchema, nullable, rootSchema, textSchema, TIME_SCHEMA } from './schema-parts';

const CUSTOMER_PROPERTIES: JsonObject = {
  id: ID_SCHEMA,
  email: { type: 'string', format: 'email' },
  firstName: textSchema('First name.'),
  lastName: textSchema('Last name.'),
  phone: nullable(textSchema('In international notation.')),
  locale: { type: 'string', description: 'BCP 47 language tag.' },
  acceptsMarketing: { type: 'boolean' },
  addresses: listSchema(ADDRESS_SCHEMA),
  tags: listSchema({ type: 'string' }),
  createdAt: TIME_SCHEMA,
  updatedAt: TIME_SCHEMA,
};

const CUSTOMER_REQUIRED = ['id', 'email', 'firstName', 'lastName', 'createdAt'];

const CUSTOMER: JsonObject = {
  id: '5520183347716620288',
  email: 'anna.lindqvist@example.com',
  firstName: 'Anna',
  lastName: 'Lindqvist',
  phone: '+49 40 5550123',
  locale: 'de-DE',
  acceptsMarketing: false,
  addresses: [
    {
      name: 'Anna Lindqvist',
      company: null,
      line1: 'Lange Reihe 42',
      line2: '3. OG',
      postalCode: '20099',
      city: 'Hamburg',
      region: null,
      countryCode: 'DE',
      phone: '+49 40 5550123',
    },
  ],
  tags: ['newsletter-2025', 'tea'],
  createdAt: '2025-11-02T17:40:08.000Z',
  updatedAt: '2025-11-02T17:40:08.000Z',
};

export const CUSTOMER_ENTRIES: readonly CatalogueEntry[] = [
  {
    type: 'customer.create',
    title: 'Customer Create',
    description: 'A customer account was created. The data is the whole customer.',
    resource: 'customers',
    schema: rootSchema('Customer Create', CUSTOMER_PROPERTIES, CUSTOMER_REQUIRED),
    sample: CUSTOMER,
  },
  {
    type: 'customer.update',
    title: 'Customer Update',
    description: 'A customer account changed. The data is the whole customer as it is now.',
    resource: 'customers',
    schema: rootSchema('Customer Update', CUSTOMER_PROPERTIES, [...CUSTOMER_REQUIRED, 'updatedAt']),
    sample: { ...CUSTOMER, acceptsMarketing: true, updatedAt: '2026-02-20T08:15:30.412Z' },
  },
  {
    type: 'customer.delete',
    title: 'Customer Delete',
    description: 'A customer account was deleted. The data names it and holds nothing personal.',
    resource: 'customers',
    schema: rootSchema('Customer Delete', { id: ID_SCHEMA, deletedAt: TIME_SCHEMA }, ['id', 'deletedAt']),
    sample: { id: '5520183347716620288', deletedAt: '2026-03-01T12:00:00.000Z' },
  },
];
