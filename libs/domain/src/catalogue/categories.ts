import type { CatalogueEntry, JsonObject } from './catalogue-entry';
import { ID_SCHEMA, nullable, rootSchema, textSchema, TIME_SCHEMA } from './schema-parts';

const CATEGORY_PROPERTIES: JsonObject = {
  id: ID_SCHEMA,
  parentId: nullable({ type: 'string', description: 'The category above; null at the top.' }),
  name: textSchema('Name.'),
  slug: textSchema('Part of the address in the shop.'),
  description: textSchema('Text, may contain HTML.'),
  position: { type: 'integer', minimum: 0, description: 'Order among its siblings.' },
  visible: { type: 'boolean' },
  createdAt: TIME_SCHEMA,
  updatedAt: TIME_SCHEMA,
};

const CATEGORY_REQUIRED = ['id', 'parentId', 'name', 'slug', 'createdAt'];

const CATEGORY: JsonObject = {
  id: '3300000012045516800',
  parentId: '3300000012045516001',
  name: 'Mugs & cups',
  slug: 'mugs-cups',
  description: 'For tea, coffee and everything else that is warm.',
  position: 3,
  visible: true,
  createdAt: '2025-09-01T10:00:00.000Z',
  updatedAt: '2025-09-01T10:00:00.000Z',
};

export const CATEGORY_ENTRIES: readonly CatalogueEntry[] = [
  {
    type: 'category.create',
    title: 'Category Create',
    description: 'A category was created. The data is the whole category.',
    resource: 'categories',
    schema: rootSchema('Category Create', CATEGORY_PROPERTIES, CATEGORY_REQUIRED),
    sample: CATEGORY,
  },
  {
    type: 'category.update',
    title: 'Category Update',
    description: 'A category changed or moved. The data is the whole category as it is now.',
    resource: 'categories',
    schema: rootSchema('Category Update', CATEGORY_PROPERTIES, [...CATEGORY_REQUIRED, 'updatedAt']),
    sample: { ...CATEGORY, position: 1, updatedAt: '2026-02-11T16:48:02.000Z' },
  },
  {
    type: 'category.delete',
    title: 'Category Delete',
    description: 'A category was deleted. The data names it; its products keep existing.',
    resource: 'categories',
    schema: rootSchema(
      'Category Delete',
      { id: ID_SCHEMA, slug: textSchema('Part of its former address in the shop.'), deletedAt: TIME_SCHEMA },
      ['id', 'deletedAt'],
    ),
    sample: { id: '3300000012045516800', slug: 'mugs-cups', deletedAt: '2026-03-01T12:00:00.000Z' },
  },
];
