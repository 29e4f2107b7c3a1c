import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import {
  type VerifiedWebhook,
  verifyWebhook,
  WebhookVerificationError,
  type WebhookVerificationReason,
} from '@signpost/client';
import { LOOPBACK } from './services/find-free-port';

/** What a request to the receiver was. */
export type Receipt =
  | { readonly kind: 'verified'; readonly webhook: VerifiedWebhook }
  | { readonly kind: 'refused'; readonly reason: WebhookVerificationReason; readonly message: string };

export interface WebhookReceiverOptions {
  /** On 127.0.0.1; 0 takes a free one. */
  readonly port: number;
  /** `whsec_…`; the receiver trusts each. */
  readonly secrets: readonly string[];
}

const BODY_BYTES_MAX = 64 * 1024 * 1024;

/** A receiver of webhooks on this machine, like one that a store's other services would have: it accepts only what is signed. */
export class WebhookReceiver {
  private listener: (receipt: Receipt) => void = () => undefined;

  private constructor(
    private readonly server: Server,
    private secrets: readonly string[],
  ) {}

  /** @throws the system's error when it cannot listen on the port */
  static async start({ port, secrets }: WebhookReceiverOptions): Promise<WebhookReceiver> {
    const server = createServer();
    const receiver = new WebhookReceiver(server, secrets);
    server.on('request', (request, response) => {
      receiver.receive(request, response).catch(() => response.destroy());
    });
    server.listen(port, LOOPBACK);
    await once(server, 'listening');
    return receiver;
  }

  get port(): number {
    return (this.server.address() as AddressInfo).port;
  }

  get url(): string {
    return `http://${LOOPBACK}:${this.port}/webhooks`;
  }

  /** Sets the listener that hears of every request whose signature was checked, after the request was answered. */
  onReceipt(listener: (receipt: Receipt) => void): void {
    this.listener = listener;
  }

  /** From now on these secrets are trusted, and no others. */
  trust(secrets: readonly string[]): void {
    this.secrets = secrets;
  }

  async close(): Promise<void> {
    this.server.close();
    this.server.closeAllConnections();
    await once(this.server, 'close');
  }

  private async receive(request: IncomingMessage, response: ServerResponse): Promise<void> {
    if (request.method !== 'POST') return answer(response, 405, 'Webhooks are sent with POST.');
    const body = await readBody(request);
    if (body === null) return answer(response, 413, 'The body is too large.');
    const receipt = this.judge(body, request);
    // The sender is answered first, so that what is printed about the request never comes before the answer.
    if (receipt.kind === 'verified') answer(response, 200, 'ok');
    else answer(response, 401, receipt.message);
    this.listener(receipt);
  }

  private judge(body: Buffer, { headers }: IncomingMessage): Receipt {
    try {
      return { kind: 'verified', webhook: verifyWebhook({ body, headers, secrets: this.secrets }) };
    } catch (error) {
      if (!(error instanceof WebhookVerificationError)) throw error;
      return { kind: 'refused', reason: error.reason, message: error.message };
    }
  }
}

async function readBody(request: IncomingMessage): Promise<Buffer | null> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > BODY_BYTES_MAX) return null;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

function answer(response: ServerResponse, status: number, text: string): void {
  response.writeHead(status, { 'content-type': 'text/plain; charset=utf-8' }).end(`${text}\n`);
}

/** A receipt as one line. */
export function receiptLine(receipt: Receipt): string {
  return receipt.kind === 'verified'
    ? `received   ${receipt.webhook.type} ${receipt.webhook.id}, signature verified ✓`
    : `refused    ${receipt.reason}: ${receipt.message}`;
}
