import { fastify } from 'fastify';
import { RouteTable } from './route-table';

describe('RouteTable', () => {
  const routes = new RouteTable();
  beforeAll(() => {
    const server = fastify({ exposeHeadRoutes: false });
    routes.observe(server);
    server.get('/stores', () => '');
    server.post('/stores', () => '');
    server.route({ method: ['GET', 'DELETE'], url: '/stores/:store', handler: () => '' });
    server.get('/stores/:store/events/:id', () => '');
  });

  it.each([
    ['/stores', ['GET', 'POST']],
    ['/stores?limit=1', ['GET', 'POST']],
    ['/stores/acme', ['DELETE', 'GET']],
    ['/stores/acme/events/1', ['GET']],
    ['/stores/', []],
    ['/stores/acme/events', []],
    ['/', []],
    ['', []],
  ])('tells which methods are there at %s', (url, methods) => {
    expect(routes.methodsAt(url)).toEqual(methods);
  });
});
