/** One server-sent event. */
export interface WatchedEvent<Data> {
  readonly name: string;
  readonly id: string;
  readonly data: Data;
}

/** A client of server-sent events that remembers the events it received. */
export class WatchedStream {
  private readonly events: WatchedEvent<unknown>[] = [];
  private readonly waiters = new Set<() => void>();
  /** Resolves when the server has ended the answer. Rejects when the connection broke, or was closed by this client. */
  readonly ended: Promise<void>;

  private constructor(
    private readonly response: Response,
    private readonly aborter: AbortController,
  ) {
    this.ended = this.read();
    this.ended.catch(() => undefined);
  }

  static async open(url: string, headers: Record<string, string>): Promise<WatchedStream> {
    const aborter = new AbortController();
    const response = await fetch(url, { headers, signal: aborter.signal });
    if (response.status !== 200) throw new Error(`Expected 200, was ${response.status}: ${await response.text()}`);
    return new WatchedStream(response, aborter);
  }

  get headers(): Headers {
    return this.response.headers;
  }

  /** How many events it has received. */
  get count(): number {
    return this.events.length;
  }

  /** The event at a place, counted from 0, as soon as it has been received. */
  async event<Data>(place: number): Promise<WatchedEvent<Data>> {
    while (this.events.length <= place) await new Promise<void>((resolve) => this.waiters.add(resolve));
    return this.events[place] as WatchedEvent<Data>;
  }

  async close(): Promise<void> {
    this.aborter.abort();
    await this.ended.catch(() => undefined);
  }

  private async read(): Promise<void> {
    if (this.response.body === null) return;
    let text = '';
    for await (const chunk of this.response.body.pipeThrough(new TextDecoderStream())) {
      text += chunk;
      const blocks = text.split('\n\n');
      text = blocks.pop() ?? '';
      this.events.push(...blocks.flatMap(readEvent));
      for (const resolve of this.waiters) resolve();
      this.waiters.clear();
    }
  }
}

/** Comments are no events. */
function readEvent(block: string): WatchedEvent<unknown>[] {
  const fields = new Map(
    block.split('\n').map((line) => [line.slice(0, line.indexOf(':')), line.replace(/^\w*: /, '')]),
  );
  const data = fields.get('data');
  if (data === undefined) return [];
  return [{ name: fields.get('event') ?? '', id: fields.get('id') ?? '', data: JSON.parse(data) as unknown }];
}
