import type { CatalogueEntry, JsonObject } from './catalogue-entry';
import {
  choiceSchema,
  CURRENCY_SCHEMA,
  ID_SCHEMA,
  listSchema,
  MONEY_SCHEMA,
  nullable,
  objectSchema,
  rootSchema,
  textSchema,
  TIME_SCHEMA,
} from './schema-parts';

const VARIANT_SCHEMA = objectSchema(
  {
    id: ID_SCHEMA,
    sku: textSchema('Stock keeping unit.'),
    name: textSchema('What sets this variant apart.'),
    price: MONEY_SCHEMA,
    compareAtPrice: nullable(MONEY_SCHEMA),
    stock: { type: 'integer', description: 'Units that can be sold now.' },
    weightGrams: nullable({ type: 'integer', minimum: 0 }),
    barcode: nullable(textSchema('GTIN.')),
  },
  ['id', 'sku', 'name', 'price', 'stock'],
);

const PRODUCT_PROPERTIES: JsonObject = {
  id: ID_SCHEMA,
  name: textSchema('Name.'),
  slug: textSchema('Part of the address in the shop.'),
  description: textSchema('Text, may contain HTML.'),
  status: choiceSchema('Whether it can be bought.', ['draft', 'active', 'archived']),
  currency: CURRENCY_SCHEMA,
  categoryIds: listSchema(ID_SCHEMA),
  variants: { ...listSchema(VARIANT_SCHEMA), minItems: 1 },
  images: listSchema(
    objectSchema({ url: { type: 'string', format: 'uri' }, alt: textSchema('Description of the image.') }, ['url']),
  ),
  createdAt: TIME_SCHEMA,
  updatedAt: TIME_SCHEMA,
};

const PRODUCT_REQUIRED = ['id', 'name', 'status', 'currency', 'variants', 'createdAt'];

const PRODUCT: JsonObject = {
  id: '4410092255018233856',
  name: 'Stoneware mug',
  slug: 'stoneware-mug',
  description: '<p>Hand-thrown, dishwasher safe.</p>',
  status: 'active',
  currency: 'EUR',
  categoryIds: ['3300000012045516800'],
  variants: [
    {
      id: '4410092255018233857',
      sku: 'MUG-STONE-350',
      name: '350 ml',
      price: '14.90',
      compareAtPrice: null,
      stock: 120,
      weightGrams: 410,
      barcode: '4006381333931',
    },
    {
      id: '4410092255018233858',
      sku: 'MUG-STONE-500',
      name: '500 ml',
      price: '18.50',
      compareAtPrice: '21.00',
      stock: 36,
      weightGrams: 560,
      barcode: '4006381333948',
    },
  ],
  images: [{ url: 'https://cdn.example.com/products/stoneware-mug.jpg', alt: 'A grey stoneware mug' }],
  createdAt: '2025-09-18T06:30:00.000Z',
  updatedAt: '2025-09-18T06:30:00.000Z',
};

export const PRODUCT_ENTRIES: readonly CatalogueEntry[] = [
  {
    type: 'product.create',
    title: 'Product Create',
    description: 'A product was created. The data is the whole product with its variants.',
    resource: 'products',
    schema: rootSchema('Product Create', PRODUCT_PROPERTIES, PRODUCT_REQUIRED),
    sample: PRODUCT,
  },
  {
    type: 'product.update',
    title: 'Product Update',
    description: 'A product changed, for example its price or its stock. The data is the whole product as it is now.',
    resource: 'products',
    schema: rootSchema('Product Update', PRODUCT_PROPERTIES, [...PRODUCT_REQUIRED, 'updatedAt']),
    sample: { ...PRODUCT, name: 'Stoneware mug, glazed', updatedAt: '2026-01-08T14:22:19.730Z' },
  },
  {
    type: 'product.delete',
    title: 'Product Delete',
    description: 'A product was deleted. The data names it.',
    resource: 'products',
    schema: rootSchema(
      'Product Delete',
      { id: ID_SCHEMA, slug: textSchema('Part of its former address in the shop.'), deletedAt: TIME_SCHEMA },
      ['id', 'deletedAt'],
    ),
    sample: { id: '4410092255018233856', slug: 'stoneware-mug', deletedAt: '2026-03-01T12:00:00.000Z' },
  },
];
