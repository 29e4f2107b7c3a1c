import { createHash, generateKeyPairSync, randomUUID, sign } from 'node:crypto';
import { createServer } from 'node:http';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';

/** What the provider says about the person who signs in. */
export interface IssuerProfile {
  readonly sub: string;
  readonly email: string;
  readonly email_verified: boolean;
}

/** An OpenID Connect provider on this machine, which lets everybody in as `profile`. */
export interface TestIssuer {
  readonly url: string;
  profile: IssuerProfile;
  close(): Promise<void>;
}

interface Grant {
  readonly nonce: string | null;
  readonly challenge: string | null;
  readonly clientId: string;
  readonly profile: IssuerProfile;
}

const base64url = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url');

export async function startTestIssuer(profile: IssuerProfile): Promise<TestIssuer> {
  const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const grants = new Map<string, Grant>();
  const server = createServer((request, response) => {
    const url = new URL(request.url ?? '/', issuer.url);
    const answer = (status: number, body: unknown): void =>
      void response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
    if (url.pathname === '/.well-known/openid-configuration') return answer(200, discovery(issuer.url));
    if (url.pathname === '/keys') {
      return answer(200, { keys: [{ ...publicKey.export({ format: 'jwk' }), kid: 'k', alg: 'RS256', use: 'sig' }] });
    }
    if (url.pathname === '/authorize') {
      const query = url.searchParams;
      const code = randomUUID();
      const clientId = query.get('client_id') ?? '';
      const grant = { nonce: query.get('nonce'), challenge: query.get('code_challenge'), clientId };
      grants.set(code, { ...grant, profile: issuer.profile });
      const back = new URL(query.get('redirect_uri') ?? '');
      back.search = new URLSearchParams({ code, state: query.get('state') ?? '' }).toString();
      return void response.writeHead(302, { location: back.href }).end();
    }
    if (url.pathname !== '/token') return answer(404, {});
    let text = '';
    request.on('data', (chunk: Buffer) => (text += chunk.toString()));
    request.on('end', () => {
      const form = new URLSearchParams(text);
      const grant = grants.get(form.get('code') ?? '');
      grants.delete(form.get('code') ?? '');
      const challenge = createHash('sha256')
        .update(form.get('code_verifier') ?? '')
        .digest('base64url');
      if (grant === undefined || grant.challenge !== challenge) return answer(400, { error: 'invalid_grant' });
      const nowSeconds = Math.floor(Date.now() / 1000);
      const claims = {
        iss: issuer.url,
        aud: grant.clientId,
        iat: nowSeconds,
        exp: nowSeconds + 300,
        nonce: grant.nonce,
      };
      const body = `${base64url({ alg: 'RS256', kid: 'k' })}.${base64url({ ...claims, name: 'Ann', ...grant.profile })}`;
      const token = `${body}.${sign('sha256', Buffer.from(body), privateKey).toString('base64url')}`;
      answer(200, { access_token: randomUUID(), token_type: 'Bearer', expires_in: 300, id_token: token });
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const issuer: TestIssuer = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    profile,
    close: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
  return issuer;
}

function discovery(url: string) {
  return {
    issuer: url,
    authorization_endpoint: `${url}/authorize`,
    token_endpoint: `${url}/token`,
    jwks_uri: `${url}/keys`,
    response_types_supported: ['code'],
    subject_types_supported: ['public'],
    id_token_signing_alg_values_supported: ['RS256'],
  };
}
