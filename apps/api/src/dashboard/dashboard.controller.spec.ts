import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fastify from 'fastify';
import { serveDashboardAssets } from './dashboard-files';
import { DashboardController } from './dashboard.controller';

describe('the dashboard', () => {
  const server = fastify();
  let directory: string;

  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), 'signpost-dashboard-'));
    const controller = new DashboardController(directory);
    await serveDashboardAssets(server, directory);
    server.get('/', (request, reply) => controller.show('text/html', request.headers['if-none-match'], reply));
  });
  afterAll(async () => {
    await server.close();
    await rm(directory, { recursive: true });
  });

  const build = async (name: string) => {
    await rm(join(directory, 'assets'), { recursive: true, force: true });
    await mkdir(join(directory, 'assets'));
    await writeFile(join(directory, 'assets', name), name);
    await writeFile(join(directory, 'index.html'), `<script src="/assets/${name}">`);
  };
  const get = (url: string, etag?: unknown) => server.inject({ url, headers: { 'if-none-match': String(etag) } });

  it('is served as it is now, though it was built, and built again, while the API ran', async () => {
    expect((await get('/')).statusCode).toBe(503);
    await build('first.js');
    const first = await get('/');
    expect([first.statusCode, first.body]).toEqual([200, '<script src="/assets/first.js">']);
    expect((await get('/assets/first.js')).headers['cache-control']).toBe('public, max-age=31536000, immutable');
    expect((await get('/', first.headers.etag)).statusCode).toBe(304);

    await build('second.js');
    const second = await get('/', first.headers.etag);
    expect([second.statusCode, second.body]).toEqual([200, '<script src="/assets/second.js">']);
    expect(second.headers['cache-control']).toBe('no-cache');
    expect([(await get('/assets/first.js')).statusCode, (await get('/assets/second.js')).body]).toEqual([
      404,
      'second.js',
    ]);
  });

  it.each(['/assets/../index.html', '/assets/..%2findex.html', '/assets/%2e%2e/index.html', '/assets/..%5cindex.html'])(
    'serves no file outside of its assets, as at %s',
    async (url) => {
      expect((await get(url)).statusCode).toBeGreaterThanOrEqual(400);
    },
  );
});
