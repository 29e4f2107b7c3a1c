import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { join } from 'node:path';
import { createServer as createTlsServer } from 'node:tls';

/** Self-signed for `localhost`, `receiver.test` and 127.0.0.1, valid from 2020 to 2120, used by tests only. */
export const RECEIVER_CERTIFICATE = readFileSync(join(__dirname, 'receiver-certificate.pem'), 'utf8');
/** A certificate for the same names, valid until 2021. */
export const EXPIRED_CERTIFICATE = readFileSync(join(__dirname, 'expired-certificate.pem'), 'utf8');
const RECEIVER_KEY = readFileSync(join(__dirname, 'receiver-key.pem'), 'utf8');

/** Called with each complete request: its text, the socket to misbehave on, and how many requests came before. */
export type Misbehaviour = (socket: Socket, request: string, index: number) => void;

/** A server on loopback that writes raw bytes, so that it can be as broken as any endpoint. */
export class RawReceiver {
  /** Every complete request, in order of arrival. */
  readonly requests: string[] = [];
  connectionCount = 0;
  private readonly sockets = new Set<Socket>();

  private constructor(
    private readonly server: Server,
    private readonly secure: boolean,
  ) {}

  /** Answers each request with what `onRequest` does; over TLS if it is given a certificate. */
  static async start(onRequest: Misbehaviour, options: { readonly certificate?: string } = {}): Promise<RawReceiver> {
    return RawReceiver.listen((receiver, socket) => receiver.readRequests(socket, onRequest), options.certificate);
  }

  /** Leaves each accepted connection to `onConnection`, before anything was read. */
  static async startOnConnection(onConnection: (socket: Socket) => void): Promise<RawReceiver> {
    return RawReceiver.listen((_receiver, socket) => onConnection(socket));
  }

  private static async listen(
    onSocket: (receiver: RawReceiver, socket: Socket) => void,
    certificate?: string,
  ): Promise<RawReceiver> {
    const secure = certificate !== undefined;
    const server = secure ? createTlsServer({ cert: certificate, key: RECEIVER_KEY }) : createServer();
    const receiver = new RawReceiver(server, secure);
    server.on('connection', (socket: Socket) => {
      receiver.connectionCount++;
      receiver.track(socket);
    });
    server.on(secure ? 'secureConnection' : 'connection', (socket: Socket) => {
      receiver.track(socket);
      onSocket(receiver, socket);
    });
    server.on('tlsClientError', () => undefined);
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    return receiver;
  }

  get port(): number {
    return (this.server.address() as AddressInfo).port;
  }

  url(host = '127.0.0.1'): string {
    return `${this.secure ? 'https' : 'http'}://${host}:${this.port}/hook`;
  }

  /** Connections that are open now. */
  get openCount(): number {
    return this.sockets.size;
  }

  async close(): Promise<void> {
    for (const socket of this.sockets) socket.destroy();
    if (!this.server.listening) return;
    this.server.close();
    await once(this.server, 'close');
  }

  private track(socket: Socket): void {
    this.sockets.add(socket);
    socket.on('error', () => undefined);
    socket.on('close', () => this.sockets.delete(socket));
  }

  private readRequests(socket: Socket, onRequest: Misbehaviour): void {
    let pending = '';
    socket.on('data', (chunk) => {
      pending += chunk.toString('latin1');
      for (let length = requestLength(pending); length <= pending.length; length = requestLength(pending)) {
        const request = pending.slice(0, length);
        pending = pending.slice(length);
        this.requests.push(request);
        onRequest(socket, request, this.requests.length - 1);
      }
    });
  }
}

/** The length of the first request in the text, or infinity while its headers are incomplete. */
function requestLength(text: string): number {
  const headersEnd = text.indexOf('\r\n\r\n');
  if (headersEnd === -1) return Number.POSITIVE_INFINITY;
  const bodyLength = /\r\ncontent-length: (\d+)/i.exec(text.slice(0, headersEnd))?.[1] ?? '0';
  return headersEnd + 4 + Number(bodyLength);
}

/** The text of a response with a content-length. */
export function responseText(status: string, headers: Readonly<Record<string, string>> = {}, body = ''): string {
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
  return `HTTP/1.1 ${status}\r\n${lines.join('')}content-length: ${Buffer.byteLength(body)}\r\n\r\n${body}`;
}

/** Writes the piece again and again, as fast as the other side takes it, until the connection ends. */
export function writeForEver(socket: Socket, piece: Buffer | string): void {
  const writeMore = (): void => {
    while (!socket.destroyed && socket.write(piece));
  };
  socket.on('drain', writeMore);
  writeMore();
}

/** Writes the piece once in a while until the connection ends. */
export function trickle(socket: Socket, piece: string): void {
  const timer = setInterval(() => socket.write(piece), 10);
  socket.on('close', () => clearInterval(timer));
}
