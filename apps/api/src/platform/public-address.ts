import { SignpostError } from '@signpost/domain';
import type { FastifyRequest } from 'fastify';

const SAFE_METHODS = new Set(['GET', 'HEAD', 'OPTIONS']);
/** What the sign-in library is given when no public address is configured. The library makes no links from it. */
const UNKNOWN = 'http://localhost';

/** Where people reach the dashboard: the configured address, or else the one that the request was sent to. */
export class PublicAddress {
  /** @param publicUrl - without a slash at its end */
  constructor(private readonly publicUrl: string | null) {}

  /** The configured address, or else a stand-in, which tells only that there is no HTTPS. */
  get base(): string {
    return this.publicUrl ?? UNKNOWN;
  }

  /** A link to a page of the dashboard that takes its token from the fragment, which browsers send to no server. */
  link(request: FastifyRequest, page: string, token: string): string {
    return `${this.of(request)}/${page}#token=${token}`;
  }

  /**
   * Keeps other sites from making a signed-in person's browser change something. In addition to SameSite cookies, it checks the `Origin`
   * header, by which the browser says where a request comes from.
   *
   * @param options.mayBeMissing - whether the header may be missing, as on public routes
   * @throws SignpostError `forbidden` when the request comes from another site, or does not say where from
   */
  requireOwnOrigin(request: FastifyRequest, options: { mayBeMissing: boolean }): void {
    if (SAFE_METHODS.has(request.method)) return;
    const { origin } = request.headers;
    if (origin === undefined && options.mayBeMissing) return;
    if (origin === undefined || origin !== this.of(request)) {
      throw new SignpostError('forbidden', 'The Origin header does not say that the request comes from this site.');
    }
  }

  private of(request: FastifyRequest): string {
    return this.publicUrl ?? `${request.protocol}://${request.host}`;
  }
}
