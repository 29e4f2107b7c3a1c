import { once } from 'node:events';
import { connect, createServer } from 'node:net';
import { SignpostError } from '@signpost/domain';
import { loadConfig } from './load-config';
import { startFailureLines, type StartSettings } from './start-failure';

const settings: StartSettings = {
  portSetting: 'WORKER_PORT',
  port: 3001,
  host: '127.0.0.1',
  databaseUrl: 'postgres://me:s3cret@db.internal/shop%20one',
};

async function listenError(port: number, host: string): Promise<unknown> {
  const server = createServer().listen({ port, host });
  return once(server, 'listening').catch((error: unknown) => error);
}

async function connectError(host: string, port: number): Promise<unknown> {
  return once(connect({ host, port }), 'connect').catch((error: unknown) => error);
}

function postgresError(code: string, message: string): Error {
  return Object.assign(new Error(message), { code });
}

describe('startFailureLines', () => {
  it('has one line for each wrong setting', () => {
    try {
      loadConfig({ PORT: 'http', SIGNPOST_LEASE: '1' });
    } catch (error) {
      const lines = startFailureLines(error, null);
      expect(lines).toHaveLength(5);
      expect(lines).toContain('PORT must be a whole number from 0 to 65535.');
    }
    expect.assertions(2);
  });

  it('says what a SignpostError says', () => {
    const error = new SignpostError('bad_configuration', 'Run `signpost migrate` first.', { internal: 'hidden' });
    expect(startFailureLines(error, settings)).toEqual(['Run `signpost migrate` first.']);
  });

  it('names the setting and the port that is in use', async () => {
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as { port: number };
    const lines = startFailureLines(await listenError(port, '127.0.0.1'), { ...settings, port });
    server.close();
    expect(lines).toEqual([
      `WORKER_PORT ${port} is in use on 127.0.0.1: end what listens there, or set WORKER_PORT to another port.`,
    ]);
  });

  it.each(['192.0.2.1', '300.1.1.1', '[::1]'])('names the host %s that is no address of the machine', async (host) => {
    const lines = startFailureLines(await listenError(0, host), { ...settings, host });
    expect(lines).toEqual([`SIGNPOST_HOST ${host} is no address of this machine.`]);
  });

  it.each(['127.0.0.1', 'localhost'])('names DATABASE_URL when nobody listens on %s', async (host) => {
    const lines = startFailureLines(await connectError(host, 1), settings);
    expect(lines).toEqual(['DATABASE_URL: PostgreSQL at db.internal:5432 cannot be reached (ECONNREFUSED).']);
  });

  it.each([
    ['28P01', 'password authentication failed for user "me"', 'does not let the user "me" in'],
    ['3D000', 'database "shop one" does not exist', 'has no database "shop one"'],
    ['42501', 'permission denied for schema public', 'permission denied for schema public'],
    ['53300', 'sorry, too many clients already', 'takes no connections now'],
    ['57P03', 'the database system is starting up', 'takes no connections now'],
    ['SELF_SIGNED_CERT_IN_CHAIN', 'self-signed certificate in certificate chain', 'cannot be talked to'],
    ['08P01', 'unsupported startup parameter: statement_timeout', 'cannot be talked to'],
  ])('names DATABASE_URL for %s, without the password', (code, message, expected) => {
    const [line] = startFailureLines(postgresError(code, message), settings) ?? [];
    expect(line).toMatch(/^DATABASE_URL: PostgreSQL at db\.internal:5432 /);
    expect(line).toContain(expected);
    expect(line).not.toContain('s3cret');
  });

  it('names DATABASE_URL for a server that does not answer in time', () => {
    const lines = startFailureLines(new Error('Connection terminated due to connection timeout'), settings);
    expect(lines?.[0]).toContain('cannot be reached');
  });

  it.each([new TypeError('x is not a function'), postgresError('42P01', 'relation "x" does not exist'), 'text', null])(
    'has no line for what nobody could mend: %s',
    (error) => {
      expect(startFailureLines(error, settings)).toBeNull();
    },
  );
});
