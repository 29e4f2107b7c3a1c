import { readdir, readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { gzipSync } from 'node:zlib';
import { SignpostProcess } from '../support/signpost-process';
import { startTestApi, type TestApi } from '../support/test-api';

const DASHBOARD = resolve(__dirname, '../../dist/apps/dashboard');
const HTML = { headers: { accept: 'text/html,application/xhtml+xml,*/*;q=0.8' } };
/** What a browser may have to fetch before the first page is there. */
const FIRST_LOAD_BYTES_MAX = 250_000;

let api: TestApi;

beforeAll(async () => {
  await SignpostProcess.prepare();
  api = await startTestApi();
}, 300_000);
afterAll(() => api.close());

interface Chunk {
  readonly file: string;
  readonly imports?: readonly string[];
  readonly isEntry?: boolean;
}

/** A chunk's file and those of all chunks that it cannot start without. */
function filesOf(manifest: Readonly<Record<string, Chunk>>, name: string, seen = new Set<string>()): Set<string> {
  const chunk = manifest[name];
  if (chunk === undefined || seen.has(chunk.file)) return seen;
  seen.add(chunk.file);
  for (const imported of chunk.imports ?? []) filesOf(manifest, imported, seen);
  return seen;
}

describe('the API', () => {
  it.each([
    '/',
    '/sign-in',
    '/setup',
    '/invitation',
    '/portal',
    '/account',
    '/stores',
    '/system',
    '/store/acme/settings/api',
  ])('answers a browser at %s with the dashboard, which may run no script but its own', async (path) => {
    const page = await api.nobody.get<string>(path, HTML);
    expect([page.status, page.headers.get('content-type')]).toEqual([200, 'text/html; charset=utf-8']);
    expect(page.headers.get('cache-control')).toBe('no-cache');
    expect(page.text).toContain('<div id="root">');
    const policy = page.headers.get('content-security-policy') ?? '';
    expect(policy).toContain("default-src 'self'");
    expect(policy).toContain("script-src 'self';");
    expect(policy).not.toContain('https:');
    expect(page.text).not.toMatch(/<script(?![^>]*\ssrc="\/)/);
  });

  it('says that the page is still current to those who have it', async () => {
    const etag = (await api.nobody.get('/', HTML)).headers.get('etag') ?? '';
    const again = await api.nobody.get('/', { headers: { ...HTML.headers, 'if-none-match': etag } });
    expect([etag.length > 10, again.status]).toEqual([true, 304]);
  });

  it.each(['/nope', '/api/v1/nope', '/api/v1/stores/acme', '/storefront', '/assets/nope.js', '/sign-in/nope'])(
    'answers a browser at %s, where no page is, with a problem',
    async (path) => {
      const answer = await api.nobody.get<{ code: string }>(path, HTML);
      expect([answer.status, answer.headers.get('content-type')]).toEqual([
        path.startsWith('/api/v1/stores') ? 401 : 404,
        'application/problem+json; charset=utf-8',
      ]);
    },
  );

  it('answers programs at the address of a page with a problem', async () => {
    const answer = await api.nobody.get<{ code: string }>('/', { headers: { accept: 'application/json' } });
    expect([answer.status, answer.body.code]).toEqual([404, 'not_found']);
  });

  it('lets every file of the dashboard be kept for good, and sends it compressed', async () => {
    const files = (await readdir(join(DASHBOARD, 'assets'))).filter((name) => /\.(js|css)$/.test(name));
    expect(files.length).toBeGreaterThan(5);
    for (const name of files) {
      const file = await api.nobody.get(`/assets/${name}`, { headers: { 'accept-encoding': 'br' } });
      expect([name, file.status, file.headers.get('cache-control')]).toEqual([
        name,
        200,
        'public, max-age=31536000, immutable',
      ]);
      const isWhole = file.text === (await readFile(join(DASHBOARD, 'assets', name), 'utf8'));
      expect([name, isWhole]).toEqual([name, true]);
    }
  });
});

describe('the dashboard', () => {
  it('loads less than 250 KB of scripts before its first page', async () => {
    const manifest = JSON.parse(await readFile(join(DASHBOARD, '.vite/manifest.json'), 'utf8')) as Record<
      string,
      Chunk
    >;
    const page = Object.keys(manifest).find((name) => name.endsWith('webhooks-page.tsx')) ?? '';
    const files = new Set([...filesOf(manifest, 'index.html'), ...filesOf(manifest, page)]);
    const sizes = await Promise.all(
      [...files].map(async (file) => gzipSync(await readFile(join(DASHBOARD, file))).length),
    );
    expect(page).not.toBe('');
    expect(sizes.reduce((sum, size) => sum + size, 0)).toBeLessThan(FIRST_LOAD_BYTES_MAX);
  });
});
