import { once } from 'node:events';
import { createServer, type ServerResponse } from 'node:http';
import { assertNever } from '@signpost/domain';
import { LOOPBACK } from '../services/find-free-port';
import { answerQuestions } from './answer-questions';
import { machineNowMs } from './machine-now-ms';

/** What a sink can be asked. */
export type SinkQuestion =
  /** Listens, on a free port or where it has listened before. Answer: its address, without a slash at the end. */
  | { readonly kind: 'open' }
  /** Stops listening and ends all connections, so that new ones are refused. Answer: nothing. */
  | { readonly kind: 'close' }
  /** From now on, takes this long for each answer of 200. Answer: nothing. */
  | { readonly kind: 'answer-in'; readonly delayMs: number }
  /** Forgets what it has received. Answer: nothing. */
  | { readonly kind: 'forget' }
  /** Answer: how many requests it has received and answered with 200. */
  | { readonly kind: 'count' }
  /** Answer: {@link Receipts}. */
  | { readonly kind: 'report' };

/** The requests that were received and answered with 200, in the order in which they came: the same index is the same request. */
export interface Receipts {
  /** The header `webhook-id`. */
  readonly ids: readonly string[];
  readonly paths: readonly string[];
  /** When the last byte of the request was there, on the machine's clock. */
  readonly atMs: Float64Array;
  /** How many requests were in flight at that moment, this one included. */
  readonly inFlight: Float64Array;
}

/** More receipts than a benchmark of some minutes has. Beyond this the sink goes on answering, but remembers nothing more. */
const RECEIPTS_MAX = 4_000_000;
const ANSWER = '{"ok":true}';
const ANSWER_HEADERS = { 'content-type': 'application/json', 'content-length': String(ANSWER.length) };
const TRICKLE_MS = 250;

let port = 0;
let delayMs = 0;
let underWay = 0;
let ids: string[] = [];
let paths: string[] = [];
let atMs: number[] = [];
let inFlight: number[] = [];

/** Endpoints in trouble, by the first part of their path; every other path answers 200. */
const TROUBLES: Readonly<Record<string, (response: ServerResponse) => void>> = {
  // The answer never comes.
  hang: () => undefined,
  error: (response) => void response.writeHead(500).end(),
  // The answer begins, and never ends.
  trickle: (response) => {
    response.writeHead(200);
    const timer = setInterval(() => response.write('.'), TRICKLE_MS);
    response.once('close', () => clearInterval(timer));
  },
};

/** The receiver that every request of a benchmark ends at: it reads the request, and notes it if it is to answer 200. */
const server = createServer((request, response) => {
  request.resume();
  request.once('end', () => {
    const path = request.url ?? '';
    const trouble = TROUBLES[path.split('/')[1] ?? ''];
    if (trouble !== undefined) return trouble(response);
    underWay += 1;
    response.once('close', () => (underWay -= 1));
    const id = request.headers['webhook-id'];
    if (ids.length < RECEIPTS_MAX) note(typeof id === 'string' ? id : '', path);
    if (delayMs === 0) response.writeHead(200, ANSWER_HEADERS).end(ANSWER);
    else setTimeout(() => response.writeHead(200, ANSWER_HEADERS).end(ANSWER), delayMs);
  });
});

function note(id: string, path: string): void {
  ids.push(id);
  paths.push(path);
  atMs.push(machineNowMs());
  inFlight.push(underWay);
}

async function answer(question: SinkQuestion): Promise<unknown> {
  switch (question.kind) {
    case 'open':
      return open();
    case 'close':
      server.close();
      server.closeAllConnections();
      return undefined;
    case 'answer-in':
      delayMs = question.delayMs;
      return undefined;
    case 'forget':
      ids = [];
      paths = [];
      atMs = [];
      inFlight = [];
      return undefined;
    case 'count':
      return ids.length;
    case 'report':
      return {
        ids,
        paths,
        atMs: Float64Array.from(atMs),
        inFlight: Float64Array.from(inFlight),
      } satisfies Receipts;
    default:
      return assertNever(question);
  }
}

async function open(): Promise<string> {
  server.listen({ port, host: LOOPBACK });
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('The sink has no port.');
  port = address.port;
  return `http://${LOOPBACK}:${port}`;
}

answerQuestions(answer);
