import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { verifyWebhook, WebhookVerificationError } from '@signpost/client';
import { LOOPBACK } from '../services/find-free-port';
import type { Receipt, Tally } from './tally';

/** The webhooks of each store. The willing one accepts every request; the moody one refuses some deliveries the first time. */
export const CHAOS_WEBHOOKS = ['willing', 'moody'] as const;

/** Answers take about this long, so that there are requests in flight whenever a fault strikes. */
const ANSWER_MS = { usual: 30, slow: 600 };
const SLOW_SHARE = 0.03;
/** The share of deliveries that the moody webhook refuses the first time. */
const REFUSED_SHARE = 0.1;

/** One store whose requests the receiver counts. */
export interface ReceiverRound {
  /** The store's key: the first part of the path of its webhooks. */
  readonly store: string;
  readonly secret: string;
  readonly tally: Tally;
}

/** The endpoint of all webhooks. It notes every id, refuses what is not signed, and can be cut off as by a broken network. */
export class ChaosReceiver {
  private readonly rounds = new Map<string, ReceiverRound>();
  private readonly sockets = new Set<Socket>();
  /** Requests that were received whole and are not answered yet. */
  private unanswered = 0;

  private constructor(
    private readonly server: Server,
    private readonly port: number,
  ) {}

  static async start(): Promise<ChaosReceiver> {
    const server = createServer();
    server.listen(0, LOOPBACK);
    await once(server, 'listening');
    const receiver = new ChaosReceiver(server, (server.address() as AddressInfo).port);
    server.on('connection', (socket) => {
      receiver.sockets.add(socket);
      socket.once('close', () => receiver.sockets.delete(socket));
    });
    server.on('request', (request, response) => {
      receiver.receive(request, response).catch(() => response.destroy());
    });
    return receiver;
  }

  urlOf(store: string, webhook: string): string {
    return `http://${LOOPBACK}:${this.port}/${store}/${webhook}`;
  }

  countFor(round: ReceiverRound): void {
    this.rounds.set(round.store, round);
  }

  forget(store: string): void {
    this.rounds.delete(store);
  }

  /**
   * Breaks every connection and refuses new ones.
   *
   * @returns how many requests it had received and had not answered
   */
  async cut(): Promise<number> {
    const closed = once(this.server, 'close');
    const { unanswered } = this;
    this.server.close();
    for (const socket of this.sockets) socket.destroy();
    await closed;
    return unanswered;
  }

  async mend(): Promise<void> {
    this.server.listen(this.port, LOOPBACK);
    await once(this.server, 'listening');
  }

  async close(): Promise<void> {
    if (this.server.listening) await this.cut();
  }

  private async receive(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const chunks: Buffer[] = [];
    for await (const chunk of request as AsyncIterable<Buffer>) chunks.push(chunk);
    const atMs = performance.now();
    const [, store = '', webhook = ''] = (request.url ?? '').split('/');
    const round = this.rounds.get(store);
    const id = round === undefined ? null : verifiedId(round, Buffer.concat(chunks), request);
    if (round === undefined || id === null) return void response.writeHead(401).end();
    const isFirst = round.tally.timesReceived(webhook, id) === 0;
    const refuses = webhook === 'moody' && isFirst && shareOf(id) < REFUSED_SHARE;
    const receipt: Receipt = { atMs, outcome: refuses ? 'refused' : 'taken' };
    round.tally.receive(webhook, id, receipt);
    this.unanswered += 1;
    // Whether the request was answered or cut off, it is no longer in flight.
    response.once('close', () => (this.unanswered -= 1));
    await delay(shareOf(`${id}${webhook}`) < SLOW_SHARE ? ANSWER_MS.slow : ANSWER_MS.usual * 2 * Math.random());
    response.writeHead(refuses ? 500 : 200).end();
  }
}

/** @returns null when the request is not signed as it must be; the tally notes that */
function verifiedId({ secret, tally }: ReceiverRound, body: Buffer, { headers }: IncomingMessage): string | null {
  try {
    return verifyWebhook({ body, headers, secrets: [secret] }).id;
  } catch (error) {
    if (!(error instanceof WebhookVerificationError)) throw error;
    tally.offences.push(`A request was not signed as it must be: ${error.message}`);
    return null;
  }
}

/** A number from 0 up to, but not including, 1: always the same for the same text. */
function shareOf(text: string): number {
  let hash = 2_166_136_261;
  for (const character of text) hash = Math.imul(hash ^ character.charCodeAt(0), 16_777_619);
  return (hash >>> 0) / 2 ** 32;
}
