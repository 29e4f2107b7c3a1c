/** Headers of a response as undici hands them over: names in lower case. */
export type ResponseHeaders = Readonly<Record<string, string | readonly string[]>>;

export interface BodyLimits {
  /** Reading stops after this many bytes. */
  readonly responseBytesReadMax: number;
  /** How many of the bytes that were read are kept at most. */
  readonly responseBytesKeptMax: number;
}

const NUL = /\0/g;
const REPLACEMENT = '\uFFFD';
const PLAIN_TOKEN = /^[\w.-]{1,32}$/;

/** The body of one response while it arrives: counts all of its bytes, and keeps a bounded number of them. */
export class ReceivedBody {
  private readCount = 0;
  private kept: Buffer | null = null;
  private keptCount = 0;

  constructor(private readonly limits: BodyLimits) {}

  /** Takes the next piece. @returns `false` once more bytes have arrived than may be read */
  add(chunk: Buffer): boolean {
    const { responseBytesReadMax, responseBytesKeptMax } = this.limits;
    this.readCount += chunk.length;
    const wanted = Math.min(chunk.length, responseBytesKeptMax - this.keptCount);
    if (wanted > 0) this.keep(chunk.subarray(0, wanted), responseBytesKeptMax);
    return this.readCount <= responseBytesReadMax;
  }

  /**
   * The kept text, and whether the endpoint sent more than that. A body that is encoded in spite of `accept-encoding: identity` is not
   * decoded, because a small one can unpack to gigabytes: a note is returned in its place.
   */
  finish(headers: ResponseHeaders): { readonly body: string; readonly bodyTruncated: boolean } {
    const encoding = contentEncoding(headers);
    if (encoding !== null && this.readCount > 0) return { body: this.noteOf(encoding), bodyTruncated: true };
    const bodyTruncated = this.readCount > this.keptCount;
    if (this.kept === null) return { body: '', bodyTruncated };
    const end = bodyTruncated ? endOfWholeCharacters(this.kept, this.keptCount) : this.keptCount;
    const text = this.kept.toString('utf8', 0, end);
    return { body: text.includes('\0') ? text.replace(NUL, REPLACEMENT) : text, bodyTruncated };
  }

  /** Keeps the first piece as it is. From the second on, one buffer holds all pieces, so that many tiny pieces cost no more than few. */
  private keep(piece: Buffer, keptMax: number): void {
    if (this.kept === null) {
      this.kept = piece;
    } else {
      if (this.kept.length < keptMax) {
        const whole = Buffer.allocUnsafe(keptMax);
        this.kept.copy(whole, 0, 0, this.keptCount);
        this.kept = whole;
      }
      piece.copy(this.kept, this.keptCount);
    }
    this.keptCount += piece.length;
  }

  private noteOf(encoding: string): string {
    const { responseBytesReadMax } = this.limits;
    const size = this.readCount > responseBytesReadMax ? `more than ${responseBytesReadMax}` : this.readCount;
    return `(${size} bytes of ${encoding}-encoded body)`;
  }
}

function contentEncoding(headers: ResponseHeaders): string | null {
  const header = headers['content-encoding'];
  if (header === undefined) return null;
  const name = (typeof header === 'string' ? header : header.join('+')).trim().toLowerCase();
  if (name === '' || name === 'identity') return null;
  return PLAIN_TOKEN.test(name) ? name : 'specially';
}

/** Where to cut UTF-8 so that the last character is whole; `end` if the last bytes are not UTF-8. */
function endOfWholeCharacters(bytes: Buffer, end: number): number {
  for (let back = 1; back <= 3 && back <= end; back++) {
    const byte = bytes[end - back] ?? 0;
    if (byte < 0x80) return end;
    if (byte < 0xc0) continue;
    const needed = byte >= 0xf0 ? 4 : byte >= 0xe0 ? 3 : 2;
    return needed > back ? end - back : end;
  }
  return end;
}
