import { SignpostError } from '@signpost/domain';
import type { FastifyRequest } from 'fastify';

const SAFE_METHODS = new Set(['GET', 'HEAD', 'OPTIONS']);
/** What the library is told where nobody said where people reach us: it makes no links from it. */
const UNKNOWN = 'http://localhost';

/** Where people reach the dashboard: as it was configured, else where the request says that it went. */
export class PublicAddress {
  /** @param publicUrl - without a slash at its end */
  constructor(private readonly publicUrl: string | null) {}

  /** The configured address, or one that only says that there is no HTTPS. */
  get base(): string {
    return this.publicUrl ?? UNKNOWN;
  }

  /** A page of the dashboard that takes its token from the fragment, which browsers send to nobody. */
  link(request: FastifyRequest, page: string, token: string): string {
    return `${this.of(request)}/${page}#token=${token}`;
  }

  /**
   * Keeps other sites from making a signed-in person's browser change something: beside SameSite cookies, the browser's own word
   * for where a request comes from.
   *
   * @param options.mayBeMissing - for requests that no cookie speaks for
   * @throws SignpostError `forbidden` when it comes from another site, or does not say where from
   */
  requireOwnOrigin(request: FastifyRequest, options: { mayBeMissing: boolean }): void {
    if (SAFE_METHODS.has(request.method)) return;
    const { origin } = request.headers;
    if (origin === undefined && options.mayBeMissing) return;
    if (origin === undefined || origin !== this.of(request)) {
      throw new SignpostError('forbidden', 'The request does not come from this site: its Origin header says so.');
    }
  }

  private of(request: FastifyRequest): string {
    return this.publicUrl ?? `${request.protocol}://${request.host}`;
  }
}
