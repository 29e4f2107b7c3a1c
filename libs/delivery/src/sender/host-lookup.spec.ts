import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { isIPv4 } from 'node:net';
import { createHostLookup, type HostLookup } from './host-lookup';

const TYPE_A = 1;
const TYPE_AAAA = 28;
const NAME_ERROR = 3;
const SERVER_FAILURE = 2;

/** What the name server of the tests knows: addresses, a response code, or silence. */
const ZONE: Readonly<Record<string, readonly string[] | number | 'silence'>> = {
  'both.example': ['192.0.2.1', '2001:db8:0:0:0:0:0:1'],
  'only6.example': ['2001:db8:0:0:0:0:0:2'],
  'broken.example': SERVER_FAILURE,
  'silent.example': 'silence',
};

let server: Socket;
let questions: string[];

beforeEach(async () => {
  questions = [];
  server = createSocket('udp4');
  server.on('message', (query, from) => {
    const reply = replyTo(query);
    if (reply !== null) server.send(reply, from.port, from.address);
  });
  server.bind(0, '127.0.0.1');
  await once(server, 'listening');
});

afterEach(() => server.close());

function lookup(queryTimeoutMs = 5_000): HostLookup {
  return createHostLookup({ servers: [`127.0.0.1:${server.address().port}`], queryTimeoutMs });
}

describe('createHostLookup', () => {
  it('gives every address of both families', async () => {
    expect(await lookup()('both.example')).toEqual([
      { address: '192.0.2.1', family: 4 },
      { address: '2001:db8::1', family: 6 },
    ]);
    expect(await lookup()('only6.example')).toEqual([{ address: '2001:db8::2', family: 6 }]);
  });

  it('shares one query among those who ask at the same time, and asks anew afterwards', async () => {
    const shared = lookup();
    await Promise.all(Array.from({ length: 10 }, () => shared('both.example')));
    expect(questions).toHaveLength(2);
    await shared('both.example');
    expect(questions).toHaveLength(4);
  });

  it('does not let a name server that never answers delay other names', async () => {
    const patient = lookup(300);
    const silent = Promise.all(Array.from({ length: 50 }, () => patient('silent.example')));
    let silentEnded = false;
    silent.catch(() => undefined).finally(() => (silentEnded = true));
    expect(await patient('both.example')).toHaveLength(2);
    expect(silentEnded).toBe(false);
    await expect(silent).rejects.toMatchObject({ code: 'ETIMEOUT' });
  });

  it('says that the name servers fail, and does not wait for the same failure a second time', async () => {
    await expect(lookup()('broken.example')).rejects.toMatchObject({ code: 'ESERVFAIL' });
  });

  it('leaves names without a dot to the system', async () => {
    const addresses = await lookup()('localhost');
    expect(addresses.map(({ address }) => address)).toEqual(
      expect.arrayContaining([expect.stringMatching(/^(127\.|::1)/)]),
    );
    expect(questions).toEqual([]);
  });
});

function replyTo(query: Buffer): Buffer | null {
  const labels: string[] = [];
  let at = 12;
  for (let length = query[at] ?? 0; length > 0; length = query[at] ?? 0) {
    labels.push(query.toString('latin1', at + 1, at + 1 + length));
    at += 1 + length;
  }
  const type = query.readUInt16BE(at + 1);
  const question = query.subarray(12, at + 5);
  const name = labels.join('.').toLowerCase();
  questions.push(name);
  const known = ZONE[name] ?? NAME_ERROR;
  if (known === 'silence') return null;
  const addresses = typeof known === 'number' ? [] : known.filter((text) => (type === TYPE_A) === isIPv4(text));
  const header = Buffer.alloc(12);
  query.copy(header, 0, 0, 2);
  header.writeUInt16BE(0x8180 | (typeof known === 'number' ? known : 0), 2);
  header.writeUInt16BE(1, 4);
  header.writeUInt16BE(type === TYPE_A || type === TYPE_AAAA ? addresses.length : 0, 6);
  return Buffer.concat([header, question, ...addresses.map((text) => answer(type, text))]);
}

function answer(type: number, text: string): Buffer {
  const bytes = isIPv4(text)
    ? Buffer.from(text.split('.').map(Number))
    : Buffer.from(
        text
          .split(':')
          .map((group) => group.padStart(4, '0'))
          .join(''),
        'hex',
      );
  const head = Buffer.alloc(12);
  head.writeUInt16BE(0xc00c, 0);
  head.writeUInt16BE(type, 2);
  head.writeUInt16BE(1, 4);
  head.writeUInt32BE(0, 6);
  head.writeUInt16BE(bytes.length, 10);
  return Buffer.concat([head, bytes]);
}
