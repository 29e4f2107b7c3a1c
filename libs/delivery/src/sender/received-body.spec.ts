import { ReceivedBody } from './received-body';

const LIMITS = { responseBytesReadMax: 64, responseBytesKeptMax: 16 };

function received(chunks: readonly (string | Buffer)[]): ReceivedBody {
  const body = new ReceivedBody(LIMITS);
  for (const chunk of chunks) body.add(Buffer.from(chunk));
  return body;
}

const finished = (...chunks: (string | Buffer)[]): unknown => received(chunks).finish({});

describe('ReceivedBody', () => {
  it('gives back what was received, whole, however it was cut up', () => {
    expect(finished()).toEqual({ body: '', bodyTruncated: false });
    expect(finished('0123456789abcdef')).toEqual({ body: '0123456789abcdef', bodyTruncated: false });
    expect(finished(...'0123456789abcdef')).toEqual({ body: '0123456789abcdef', bodyTruncated: false });
    expect(finished(Buffer.from([0xc3]), Buffer.from([0xbc]))).toEqual({ body: 'ü', bodyTruncated: false });
  });

  it('keeps no more than the limit and says so', () => {
    expect(finished('0123456789abcdefg')).toEqual({ body: '0123456789abcdef', bodyTruncated: true });
    expect(finished('0123456789', 'abcdefgh', 'ijk')).toEqual({ body: '0123456789abcdef', bodyTruncated: true });
  });

  it.each(['é', '€', '😀'])('cuts before a character that is not kept whole (%s)', (character) => {
    for (let room = 1; room < Buffer.byteLength(character); room++) {
      const start = 'x'.repeat(16 - room);
      expect(finished(start + character)).toEqual({ body: start, bodyTruncated: true });
    }
    const exact = 'x'.repeat(16 - Buffer.byteLength(character)) + character;
    expect(finished(`${exact}more`)).toEqual({ body: exact, bodyTruncated: true });
  });

  it('shows bytes that are no UTF-8, and NUL, as replacement characters', () => {
    expect(finished(Buffer.from([0x61, 0xff, 0x62]))).toEqual({ body: 'a\uFFFDb', bodyTruncated: false });
    expect(finished('a\0b\0')).toEqual({ body: 'a\uFFFDb\uFFFD', bodyTruncated: false });
    expect(finished(Buffer.alloc(20, 0x80))).toEqual({ body: '\uFFFD'.repeat(16), bodyTruncated: true });
  });

  it('says when more has arrived than may be read', () => {
    const body = new ReceivedBody(LIMITS);
    expect(body.add(Buffer.alloc(64))).toBe(true);
    expect(body.add(Buffer.alloc(1))).toBe(false);
  });

  it('puts a note in place of an encoded body', () => {
    const note = (encoding: string | string[], size = 3): string =>
      received([Buffer.alloc(size)]).finish({ 'content-encoding': encoding }).body;
    expect(note('GZIP')).toBe('(3 bytes of gzip-encoded body)');
    expect(note(['gzip', 'br'])).toBe('(3 bytes of specially-encoded body)');
    expect(note('<script>')).toBe('(3 bytes of specially-encoded body)');
    expect(note('br', 65)).toBe('(more than 64 bytes of br-encoded body)');
    expect(received(['plain']).finish({ 'content-encoding': 'identity' }).body).toBe('plain');
    expect(received([]).finish({ 'content-encoding': 'gzip' })).toEqual({ body: '', bodyTruncated: false });
  });
});
