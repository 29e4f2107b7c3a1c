import { BlockList, isIP } from 'node:net';
import { z } from 'zod';

/** The value of a setting as text; only settings without a default can be missing. */
function text(): z.ZodString {
  return z.string({ error: 'is required' });
}

/** A schema that reads the text with `read`, and breaks `rule` where that returns undefined. Rules never quote the value. */
function parsed<T>(rule: string, read: (text: string) => T | undefined): z.ZodType<T, string> {
  return text().transform((value, context) => {
    const result = read(value);
    if (result !== undefined) return result;
    context.addIssue({ code: 'custom', message: rule });
    return z.NEVER;
  });
}

/** A whole number between two bounds, both included. */
export function wholeNumber(min: number, max: number): z.ZodType<number, string> {
  return parsed(`must be a whole number from ${min} to ${max}`, (value) => {
    const number = /^\d{1,15}$/.test(value) ? Number(value) : Number.NaN;
    return number >= min && number <= max ? number : undefined;
  });
}

/** `true` or `false`, and nothing else: a typo never switches a safeguard off. */
export function trueOrFalse(): z.ZodType<boolean, string> {
  const values = new Map([
    ['true', true],
    ['false', false],
  ]);
  return parsed('must be true or false', (value) => values.get(value));
}

export function oneOf<const T extends string>(choices: readonly T[]): z.ZodType<T, string> {
  return parsed(`must be one of ${choices.join(', ')}`, (value) => choices.find((choice) => choice === value));
}

const UNIT_MS: Readonly<Record<string, number>> = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 };

/** Milliseconds of `250ms`, `15s`, `5m`, `2h`, `5d` or `0`; undefined for anything else. */
export function parseDurationMs(value: string): number | undefined {
  if (value === '0') return 0;
  const [, amount, unit] = /^(\d{1,9})(ms|s|m|h|d)$/.exec(value) ?? [];
  const unitMs = UNIT_MS[unit ?? ''];
  return amount === undefined || unitMs === undefined ? undefined : Number(amount) * unitMs;
}

/** A duration between two bounds, themselves written as durations; the result is in milliseconds. */
export function duration(min: string, max: string): z.ZodType<number, string> {
  const [minMs = 0, maxMs = 0] = [parseDurationMs(min), parseDurationMs(max)];
  return parsed(`must be a duration such as 250ms, 15s, 5m, 2h or 5d, from ${min} to ${max}`, (value) => {
    const timeMs = parseDurationMs(value);
    return timeMs !== undefined && timeMs >= minMs && timeMs <= maxMs ? timeMs : undefined;
  });
}

const SCHEDULE_ENTRIES_MAX = 50;
const SCHEDULE_DELAY_MAX = '30d';

/** A list of delays in milliseconds. The first may be 0; a later one may not, or a failing endpoint would be hammered. */
export function retrySchedule(): z.ZodType<readonly number[], string> {
  const maxMs = parseDurationMs(SCHEDULE_DELAY_MAX) ?? 0;
  const rule =
    `must be 1 to ${SCHEDULE_ENTRIES_MAX} durations of at most ${SCHEDULE_DELAY_MAX}, separated by commas, ` +
    'such as 0,5s,5m; only the first may be 0';
  return parsed(rule, (value) => {
    const delaysMs = value.split(',').map((entry) => parseDurationMs(entry.trim()));
    const valid = delaysMs.every((delayMs, index): delayMs is number => {
      return delayMs !== undefined && delayMs <= maxMs && (index === 0 || delayMs > 0);
    });
    return valid && delaysMs.length <= SCHEDULE_ENTRIES_MAX ? Object.freeze(delaysMs) : undefined;
  });
}

const UNIT_BYTES: Readonly<Record<string, number>> = { b: 1, kb: 1_024, mb: 1_048_576 };

/** An amount such as `512kb`; the result is in bytes, 1 kb being 1,024 of them. */
export function byteSize(minBytes: number, maxBytes: number): z.ZodType<number, string> {
  return parsed(`must be a size such as 900b, 512kb or 1mb, from ${minBytes}b to ${maxBytes}b`, (value) => {
    const [, amount, unit] = /^(\d{1,12})(b|kb|mb)$/.exec(value) ?? [];
    const bytes = Number(amount ?? Number.NaN) * (UNIT_BYTES[unit ?? ''] ?? 0);
    return bytes >= minBytes && bytes <= maxBytes ? bytes : undefined;
  });
}

/** A URL with one of the given schemes. The rule never quotes it, because URLs of databases hold passwords. */
export function url(schemes: readonly string[]): z.ZodType<string, string> {
  const rule = `must be a URL that begins with ${schemes.map((scheme) => `${scheme}://`).join(' or ')}`;
  return parsed(rule, (value) => {
    return URL.canParse(value) && schemes.includes(new URL(value).protocol.slice(0, -1)) ? value : undefined;
  });
}

/** An `http://` or `https://` address without a path; the result has no slash at its end. */
export function origin(): z.ZodType<string, string> {
  return parsed('must be an address without a path that begins with http:// or https://', (value) => {
    const parts = URL.canParse(value) ? new URL(value) : null;
    return parts !== null && /^https?:$/.test(parts.protocol) && parts.href === `${parts.origin}/`
      ? parts.origin
      : undefined;
  });
}

const VISIBLE_ASCII = /^[\x21-\x7e]*$/;

/** A secret of a least length that can be sent in a header as it is. */
export function secretText(charsMin: number): z.ZodType<string, string> {
  return parsed(`must have at least ${charsMin} characters, all of them visible ASCII, without spaces`, (value) =>
    value.length >= charsMin && VISIBLE_ASCII.test(value) ? value : undefined,
  );
}

export function anyText(): z.ZodType<string, string> {
  return text();
}

/**
 * Networks in CIDR notation, separated by commas; a single address stands for itself. An empty text gives an empty list.
 *
 * @param prefixMin - the shortest prefix that is allowed; 1 refuses `0.0.0.0/0` and `::/0`, which are all addresses
 */
export function networks(prefixMin = 0): z.ZodType<readonly string[], string> {
  const bounded = prefixMin > 0 ? `, with prefixes from ${prefixMin}` : '';
  const rule = `must be a list of networks in CIDR notation${bounded}, separated by commas, such as 10.0.0.0/8,fd00::/8`;
  return parsed(rule, (value) => {
    const entries = value === '' ? [] : value.split(',').map((entry) => parseNetwork(entry.trim(), prefixMin));
    return entries.every((entry) => entry !== undefined) ? Object.freeze(entries) : undefined;
  });
}

/** The network as `address/prefix`, or undefined when it is not CIDR notation, or its prefix is out of bounds. */
function parseNetwork(entry: string, prefixMin: number): string | undefined {
  const [address = '', prefixText, ...rest] = entry.split('/');
  const family = isIP(address);
  if (family === 0 || address.includes('%') || rest.length > 0) return undefined;
  const bits = family === 4 ? 32 : 128;
  const prefix = prefixText === undefined ? bits : /^\d{1,3}$/.test(prefixText) ? Number(prefixText) : Number.NaN;
  if (!(prefix >= prefixMin && prefix <= bits)) return undefined;
  new BlockList().addSubnet(address, prefix, family === 4 ? 'ipv4' : 'ipv6');
  return `${address}/${prefix}`;
}
