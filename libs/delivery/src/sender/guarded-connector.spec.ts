import { EgressPolicy } from './egress-policy';
import type { HostLookup, ResolvedAddress } from './host-lookup';
import type { HttpSender, HttpSenderOptions } from './http-sender';
import { createSender, requestTo } from './testing/create-sender';
import { EXPIRED_CERTIFICATE, RawReceiver, RECEIVER_CERTIFICATE, responseText } from './testing/raw-receiver';

const LOOPBACK: ResolvedAddress = { address: '127.0.0.1', family: 4 };
/** Nothing answers at a documentation address, and the policy refuses it anyway. */
const DOCUMENTATION: ResolvedAddress = { address: '192.0.2.1', family: 4 };
const ONLY_127_0_0_2 = new EgressPolicy({ allow: ['127.0.0.2'], httpsOnly: false });

const open: (HttpSender | RawReceiver)[] = [];

afterEach(async () => {
  for (const resource of open.splice(0)) await resource.close();
});

function sender(options: Partial<HttpSenderOptions>): HttpSender {
  const created = createSender(options);
  open.push(created);
  return created;
}

async function receiver(certificate?: string): Promise<RawReceiver> {
  const started = await RawReceiver.start(
    (socket) => socket.write(responseText('200 OK', {}, 'ok')),
    certificate === undefined ? {} : { certificate },
  );
  open.push(started);
  return started;
}

/** Gives the answers in turn, the last one for ever, and counts how often it was asked. */
function lookupGiving(...answers: ResolvedAddress[][]): HostLookup & { asked: number } {
  const lookup = Object.assign(
    (): Promise<ResolvedAddress[]> => {
      lookup.asked++;
      return Promise.resolve(answers[Math.min(lookup.asked, answers.length) - 1] ?? []);
    },
    { asked: 0 },
  );
  return lookup;
}

describe('the address that is connected to', () => {
  it('is refused when the name leads to a forbidden one, without telling which', async () => {
    const target = await receiver();
    const lookup = lookupGiving([LOOPBACK]);
    const closed = sender({ policy: new EgressPolicy({ allow: [], httpsOnly: false }), lookup });
    expect(await closed.send(requestTo(target.url('rebind.test')))).toMatchObject({
      kind: 'error',
      code: 'forbidden_address',
      response: null,
      message:
        '"rebind.test" leads to a loopback address (127.0.0.0/8), and requests to such addresses are refused. ' +
        'An operator can open the range with SIGNPOST_EGRESS_ALLOW.',
    });
    expect(target.connectionCount).toBe(0);
  });

  it('is the one that was checked, although the name leads elsewhere a moment later', async () => {
    // The first answer is 127.0.0.2, which is allowed, but where the receiver does not listen. The second answer is where it listens.
    const target = await receiver();
    const lookup = lookupGiving([{ address: '127.0.0.2', family: 4 }], [LOOPBACK]);
    const rebound = sender({ policy: ONLY_127_0_0_2, lookup });
    expect(await rebound.send(requestTo(target.url('rebind.test')))).toMatchObject({ code: 'connection_refused' });
    expect(lookup.asked).toBe(1);
    expect(await rebound.send(requestTo(target.url('rebind.test')))).toMatchObject({ code: 'forbidden_address' });
    expect(lookup.asked).toBe(2);
    expect(target.connectionCount).toBe(0);
  });

  it('is judged again for each new connection, so a name that was public yesterday is refused today', async () => {
    const target = await receiver();
    const lookup = lookupGiving([LOOPBACK], [{ address: '169.254.169.254', family: 4 }]);
    let nowMs = 0;
    const rebound = sender({ lookup, nowMs: () => nowMs });
    expect(await rebound.send(requestTo(target.url('rebind.test')))).toMatchObject({ kind: 'response' });
    nowMs = 3_600_000;
    expect(await rebound.send(requestTo(target.url('rebind.test')))).toMatchObject({ code: 'forbidden_address' });
    expect(target.requests).toHaveLength(1);
  });

  it('is never one of the forbidden among several answers', async () => {
    const target = await receiver();
    const lookup = lookupGiving([DOCUMENTATION, { address: 'nonsense', family: 6 }, LOOPBACK]);
    expect(await sender({ lookup }).send(requestTo(target.url('many.test')))).toMatchObject({ kind: 'response' });
    const allForbidden = lookupGiving([DOCUMENTATION, { address: 'fe80::1%eth0', family: 6 }]);
    expect(await sender({ lookup: allForbidden }).send(requestTo(target.url('many.test')))).toMatchObject({
      code: 'forbidden_address',
    });
    expect(target.connectionCount).toBe(1);
  });

  it('is checked once more by the socket itself, before anything is sent', async () => {
    const target = await receiver();
    const policy = new EgressPolicy({ allow: ['127.0.0.0/8'], httpsOnly: false });
    const refusal = new EgressPolicy({ allow: [], httpsOnly: false }).checkAddress('127.0.0.1');
    jest.spyOn(policy, 'checkAddress').mockReturnValueOnce({ kind: 'allowed' }).mockReturnValueOnce(refusal);
    expect(
      await sender({ policy, lookup: lookupGiving([LOOPBACK]) }).send(requestTo(target.url('one.test'))),
    ).toMatchObject({ code: 'forbidden_address' });
    expect(target.requests).toEqual([]);
  });

  it('is the next allowed one when the first refuses the connection', async () => {
    const target = await receiver();
    const lookup = lookupGiving([{ address: '127.0.0.3', family: 4 }, { address: '127.0.0.4', family: 4 }, LOOPBACK]);
    expect(await sender({ lookup }).send(requestTo(target.url('many.test')))).toMatchObject({ kind: 'response' });
    expect(lookup.asked).toBe(1);
  });
});

describe('a connection that cannot be made', () => {
  const failing =
    (code: string): HostLookup =>
    () =>
      Promise.reject(Object.assign(new Error(code), { code }));

  it.each([
    ['ENOTFOUND', 'it does not exist or has no address'],
    ['ETIMEOUT', 'its name servers did not answer'],
    ['ESERVFAIL', 'its name servers failed to answer'],
    ['EODD', 'EODD'],
  ])('because the lookup ends as %s says so', async (code, detail) => {
    expect(await sender({ lookup: failing(code) }).send(requestTo('http://gone.test/'))).toMatchObject({
      kind: 'error',
      code: 'dns_failure',
      message: `The name of "gone.test" could not be resolved (${detail}).`,
      timings: { dnsMs: expect.any(Number), connectMs: null },
    });
  });

  it('because the name has no address is a DNS failure', async () => {
    expect(await sender({ lookup: lookupGiving([]) }).send(requestTo('http://gone.test/'))).toMatchObject({
      code: 'dns_failure',
    });
  });

  it('because the lookup never ends is a DNS failure, in time', async () => {
    const never: HostLookup = () => new Promise(() => undefined);
    expect(await sender({ lookup: never, connectTimeoutMs: 50 }).send(requestTo('http://slow.test/'))).toMatchObject({
      code: 'dns_failure',
    });
    expect(await sender({ lookup: never, attemptTimeoutMs: 50 }).send(requestTo('http://slow.test/'))).toMatchObject({
      code: 'dns_failure',
    });
  });

  it('because nothing listens is a refusal', async () => {
    const target = await receiver();
    const url = target.url();
    await target.close();
    expect(await sender({}).send(requestTo(url))).toMatchObject({ code: 'connection_refused', response: null });
  });

  it('because the receiver never finishes the TLS handshake is a timeout that says so', async () => {
    const silent = await RawReceiver.startOnConnection((socket) => socket.resume());
    open.push(silent);
    const url = `https://127.0.0.1:${silent.port}/`;
    expect(await sender({ connectTimeoutMs: 100 }).send(requestTo(url))).toMatchObject({
      code: 'connection_timeout',
      message: expect.stringMatching(/within 100 ms\. The TLS handshake was not finished\.$/),
      timings: { tlsMs: expect.any(Number), firstByteMs: null },
    });
  });
});

describe('TLS', () => {
  const trusting = (options: Partial<HttpSenderOptions> = {}): HttpSender =>
    sender({ trustedCertificates: [RECEIVER_CERTIFICATE], lookup: lookupGiving([LOOPBACK]), ...options });

  it('names and verifies the host name, not the number, and is timed', async () => {
    const target = await receiver(RECEIVER_CERTIFICATE);
    const secure = trusting();
    expect(await secure.send(requestTo(target.url('receiver.test')))).toMatchObject({
      kind: 'response',
      response: { body: 'ok' },
      timings: { dnsMs: expect.any(Number), connectMs: expect.any(Number), tlsMs: expect.any(Number) },
    });
    expect(target.requests[0]).toContain(`host: receiver.test:${target.port}\r\n`);
    await secure.close();
    while (target.openCount > 0) await new Promise((resolve) => setImmediate(resolve));
  });

  it('verifies an address literal and a name with the dot of the root too', async () => {
    const target = await receiver(RECEIVER_CERTIFICATE);
    expect(await trusting().send(requestTo(target.url('127.0.0.1')))).toMatchObject({ kind: 'response' });
    expect(await trusting().send(requestTo(target.url('receiver.test.')))).toMatchObject({ kind: 'response' });
  });

  it('still verifies when a session is resumed', async () => {
    const target = await receiver(RECEIVER_CERTIFICATE);
    let nowMs = 0;
    const resuming = trusting({ nowMs: () => nowMs });
    for (let i = 0; i < 3; i++) {
      nowMs += 3_600_000;
      expect(await resuming.send(requestTo(target.url('receiver.test')))).toMatchObject({ kind: 'response' });
    }
    expect(target.connectionCount).toBe(3);
    expect(await resuming.send(requestTo(target.url('other.test')))).toMatchObject({ code: 'tls_error' });
  });

  it.each([
    ['of another host', 'other.test', RECEIVER_CERTIFICATE, [RECEIVER_CERTIFICATE], /does not match/],
    ['that nobody vouches for', 'receiver.test', RECEIVER_CERTIFICATE, undefined, /self.signed certificate/],
    ['that has expired', 'receiver.test', EXPIRED_CERTIFICATE, [EXPIRED_CERTIFICATE], /certificate has expired/],
  ])('refuses a certificate %s before anything is sent', async (_what, host, certificate, trusted, message) => {
    const target = await receiver(certificate);
    const options = { lookup: lookupGiving([LOOPBACK]), ...(trusted ? { trustedCertificates: trusted } : {}) };
    const result = await sender(options).send(requestTo(target.url(host)));
    expect(result).toMatchObject({ kind: 'error', code: 'tls_error', message: expect.stringMatching(message) });
    expect(target.requests).toEqual([]);
  });

  it('is missed on a port that speaks plain HTTP, and plain HTTP on a port that speaks TLS', async () => {
    const plain = await RawReceiver.startOnConnection((socket) => {
      socket.once('data', () => socket.end(responseText('400 Bad Request')));
    });
    open.push(plain);
    expect(await trusting().send(requestTo(`https://receiver.test:${plain.port}/`))).toMatchObject({
      code: 'tls_error',
    });
    const secure = await receiver(RECEIVER_CERTIFICATE);
    const result = await trusting().send(requestTo(`http://receiver.test:${secure.port}/`));
    expect(['invalid_response', 'connection_reset']).toContain(result.kind === 'error' && result.code);
  });

  it('that is reset during the handshake is a reset that says so', async () => {
    const rude = await RawReceiver.startOnConnection((socket) => socket.once('data', () => socket.resetAndDestroy()));
    open.push(rude);
    expect(await trusting().send(requestTo(`https://receiver.test:${rude.port}/`))).toMatchObject({
      code: 'connection_reset',
      message: expect.stringMatching(/The TLS handshake was not finished\.$/),
    });
  });
});
