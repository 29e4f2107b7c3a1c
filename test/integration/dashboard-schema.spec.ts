import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { startTestApi, type TestApi } from '../support/test-api';

const ROOT = resolve(__dirname, '../..');
const SCHEMA = join(ROOT, 'apps/dashboard/src/api/schema.ts');
const GENERATOR = join(ROOT, 'node_modules/openapi-typescript/bin/cli.js');

/** Set by `npm run schema`. */
const { writeSchema = false } = globalThis as { writeSchema?: boolean };

let api: TestApi;
let directory: string;

beforeAll(async () => {
  api = await startTestApi();
  directory = await mkdtemp(join(tmpdir(), 'signpost-schema-'));
});
afterAll(async () => {
  await api.close();
  await rm(directory, { recursive: true, force: true });
});

/** The types of the document that the API publishes. */
async function generate(): Promise<string> {
  const [document, types] = [join(directory, 'openapi.json'), join(directory, 'schema.ts')];
  await writeFile(document, (await api.nobody.get('/openapi.json')).text);
  await promisify(execFile)(process.execPath, [
    GENERATOR,
    document,
    '--output',
    types,
    '--default-non-nullable',
    'false',
  ]);
  return readFile(types, 'utf8');
}

it('has the dashboard talk to the API that there is: after a change of it, "npm run schema"', async () => {
  const current = await generate();
  if (writeSchema) await writeFile(SCHEMA, current);
  expect(await readFile(SCHEMA, 'utf8')).toBe(current);
});
