import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';

/** A proxy before a server. A test can cut the connections through it and mend them, like a failing network. */
export class SeverableProxy {
  private readonly sockets = new Set<Socket>();
  private hangs = false;
  private connections = 0;

  private constructor(
    /** The server's URL by way of this proxy. */
    readonly url: string,
    private readonly server: Server,
    private readonly port: number,
    private target: URL,
  ) {}

  /** @param targetUrl - its host and port are where connections are passed on to */
  static async before(targetUrl: string): Promise<SeverableProxy> {
    const server = createServer();
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    const url = new URL(targetUrl);
    url.host = `127.0.0.1:${port}`;
    const proxy = new SeverableProxy(url.href, server, port, new URL(targetUrl));
    server.on('connection', (socket) => proxy.pass(socket, connect(Number(proxy.target.port), proxy.target.hostname)));
    return proxy;
  }

  /** How many connections have been made, including connections that have ended. */
  get accepted(): number {
    return this.connections;
  }

  /** Passes new connections on to another server; open connections still lead to the old server. */
  leadTo(targetUrl: string): void {
    this.target = new URL(targetUrl);
  }

  /** Ends every connection and refuses new ones. */
  async cut(): Promise<void> {
    const closed = once(this.server, 'close');
    this.server.close();
    for (const socket of this.sockets) socket.destroy();
    await closed;
  }

  /** Keeps connections open and accepts new ones, but nothing comes through any more until {@link cut} ends them. */
  hang(): void {
    this.hangs = true;
    for (const socket of this.sockets) socket.unpipe().pause();
  }

  /** New connections come through again; connections that hung stay as they are, as if the server had forgotten them. */
  async mend(): Promise<void> {
    this.hangs = false;
    if (this.server.listening) return;
    this.server.listen(this.port, '127.0.0.1');
    await once(this.server, 'listening');
  }

  private pass(from: Socket, to: Socket): void {
    this.connections += 1;
    for (const [one, other] of [
      [from, to],
      [to, from],
    ] as const) {
      this.sockets.add(one);
      if (!this.hangs) one.pipe(other);
      // The `close` event below tells the other end of a broken connection.
      one.on('error', () => one.destroy());
      one.on('close', () => {
        this.sockets.delete(one);
        other.destroy();
      });
    }
  }
}
