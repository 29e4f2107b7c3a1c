import { connect } from 'node:net';
import fastify, { type FastifyInstance } from 'fastify';
import { sendProblem } from './send-problem';

let server: FastifyInstance;
let port: number;
let logged: string[];
/** Fulfils as soon as an error was answered. */
let answered: Promise<void>;

beforeEach(async () => {
  logged = [];
  server = fastify({ logger: { level: 'warn', stream: { write: (line: string) => void logged.push(line) } } });
  answered = new Promise((resolve) => {
    server.setErrorHandler((error, request, reply) => {
      sendProblem(error, request, reply);
      resolve();
    });
  });
  server.post('/', () => 'whole');
  server.get('/', () => Promise.reject(new Error('read ECONNRESET')));
  port = Number(new URL(await server.listen({ host: '127.0.0.1', port: 0 })).port);
});
afterEach(() => server.close());

it('tells the log of nothing where the caller hung up amidst the body', async () => {
  const socket = connect({ host: '127.0.0.1', port });
  const begun = 'POST / HTTP/1.1\r\nhost: a\r\ncontent-type: application/json\r\ncontent-length: 100\r\n\r\n{';
  server.server.once('request', () => socket.destroy());
  socket.write(begun);
  await answered;
  expect(logged).toEqual([]);
});

it('tells the log of a database that is away', async () => {
  const { status } = await fetch(`http://127.0.0.1:${port}/`);
  await answered;
  expect(status).toBe(503);
  expect(logged).toEqual([expect.stringContaining('The database cannot be reached')]);
});
