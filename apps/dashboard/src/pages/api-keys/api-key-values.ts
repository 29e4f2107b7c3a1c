import type { ApiKey, Permission } from '../../api/api-keys';
import { isoTime, localTime } from '../../ui/local-time';

/** A key as the fields of a form have it. */
export interface ApiKeyValues {
  readonly description: string;
  readonly permissions: Permission[];
  readonly activated: boolean;
  /** In the reader's time zone; empty: it does not expire. */
  readonly expiresAt: string;
  /** With white space or commas between them; empty: from anywhere. */
  readonly allowedCidrs: string;
  /** Requests per second; empty: as many as whoever runs Signpost has set. */
  readonly rateLimit: number | string;
}

/** @param apiKey - null: one that is still to be made */
export function valuesOf(apiKey: ApiKey | null): ApiKeyValues {
  return {
    description: apiKey?.description ?? '',
    permissions: apiKey?.permissions ?? ['orders:read', 'orders:write'],
    activated: apiKey?.activated ?? true,
    expiresAt: apiKey?.expiresAt ? localTime(apiKey.expiresAt) : '',
    allowedCidrs: apiKey?.allowedCidrs?.join('\n') ?? '',
    rateLimit: apiKey?.rateLimit ?? '',
  };
}

/** What the API is asked for. */
export function requestOf({ expiresAt, allowedCidrs, rateLimit, ...others }: ApiKeyValues) {
  const cidrs = allowedCidrs.split(/[\s,]+/).filter(Boolean);
  return {
    ...others,
    expiresAt: isoTime(expiresAt),
    allowedCidrs: cidrs.length === 0 ? null : cidrs,
    rateLimit: rateLimit === '' ? null : Number(rateLimit),
  };
}
