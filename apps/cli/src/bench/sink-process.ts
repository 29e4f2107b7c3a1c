import { once } from 'node:events';
import { createServer } from 'node:http';
import { LOOPBACK } from '../services/find-free-port';
import { answerQuestions } from './answer-questions';
import { machineNowMs } from './machine-now-ms';

/** What a sink can be asked. */
export type SinkQuestion =
  /** Listens. Answer: its address, without a slash at the end. */
  | { readonly kind: 'open' }
  /** Forgets what it has received. Answer: nothing. */
  | { readonly kind: 'forget' }
  /** Answer: {@link Receipts}. */
  | { readonly kind: 'report' };

/** What was received, in the order in which it was: the same index is the same request. */
export interface Receipts {
  /** The header `webhook-id`. */
  readonly ids: readonly string[];
  readonly paths: readonly string[];
  /** When the last byte of the request was there, on the machine's clock. */
  readonly atMs: Float64Array;
}

/** Beyond that a run is not a benchmark of minutes any more; the sink answers on, but remembers no more. */
const RECEIPTS_MAX = 4_000_000;
const ANSWER = '{"ok":true}';
const ANSWER_HEADERS = { 'content-type': 'application/json', 'content-length': String(ANSWER.length) };

let ids: string[] = [];
let paths: string[] = [];
let atMs: number[] = [];

/** The receiver that every request of a benchmark ends at: it reads the request, notes it, and answers 200. */
const server = createServer((request, response) => {
  request.resume();
  request.once('end', () => {
    if (ids.length < RECEIPTS_MAX) {
      const id = request.headers['webhook-id'];
      ids.push(typeof id === 'string' ? id : '');
      paths.push(request.url ?? '');
      atMs.push(machineNowMs());
    }
    response.writeHead(200, ANSWER_HEADERS).end(ANSWER);
  });
});

async function answer(question: SinkQuestion): Promise<unknown> {
  switch (question.kind) {
    case 'open':
      return open();
    case 'forget':
      ids = [];
      paths = [];
      atMs = [];
      return undefined;
    case 'report':
      return { ids, paths, atMs: Float64Array.from(atMs) } satisfies Receipts;
  }
}

async function open(): Promise<string> {
  server.listen({ port: 0, host: LOOPBACK });
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('The sink has no port.');
  return `http://${LOOPBACK}:${address.port}`;
}

answerQuestions(answer);
