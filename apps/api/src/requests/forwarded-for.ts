import type { FastifyInstance } from 'fastify';

/** `203.0.113.7:50123`, `[2001:db8::7]:50123` or `[2001:db8::7]`: the address is one of the two groups. */
const ADDRESS_AND_PORT = /^(?:([\d.]+):\d+|\[([\da-f:.]+)\](?::\d+)?)$/i;

/**
 * Takes the ports out of `X-Forwarded-For`: some proxies write `address:port`. With its port an address would be in no network, and each
 * connection would count as another address where failed sign-ins are counted.
 */
export function takePortsFromForwardedFor(fastify: FastifyInstance): void {
  fastify.addHook('onRequest', ({ raw: { headers } }, _reply, done) => {
    // Node.js joins several such headers into one.
    const forwarded = headers['x-forwarded-for'];
    if (typeof forwarded === 'string') headers['x-forwarded-for'] = forwarded.split(',').map(withoutPort).join(', ');
    done();
  });
}

function withoutPort(entry: string): string {
  const trimmed = entry.trim();
  const [, ipv4, ipv6] = ADDRESS_AND_PORT.exec(trimmed) ?? [];
  return ipv4 ?? ipv6 ?? trimmed;
}
