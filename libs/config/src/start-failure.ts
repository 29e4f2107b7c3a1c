import { SignpostError } from '@signpost/domain';
import type { SettingName } from './settings';

/** The port setting of a process, and its values that a failed start may have to name. */
export interface StartSettings {
  readonly portSetting: Extract<SettingName, 'PORT' | 'WORKER_PORT'>;
  readonly port: number;
  readonly host: string;
  readonly databaseUrl: string;
}

/**
 * What a person has to know of a process that could not start: one line for each mistake to mend, which names its setting. Null: there is
 * nothing that a person could mend.
 */
export function startFailureLines(error: unknown, settings: StartSettings | null): readonly string[] | null {
  if (error instanceof SignpostError) {
    const { code, fields, publicMessage } = error;
    return code === 'bad_configuration' && fields.length > 0 ? fields.map(({ message }) => message) : [publicMessage];
  }
  if (settings === null) return null;
  const line = listenFailureLine(error, settings) ?? databaseFailureLine(error, settings.databaseUrl);
  return line === null ? null : [line];
}

/** One line for a port that cannot be listened on, or null for any other error. */
export function listenFailureLine(
  error: unknown,
  { portSetting, port, host }: Omit<StartSettings, 'databaseUrl'>,
): string | null {
  switch (codeOf(error)) {
    case 'EADDRINUSE':
      return `${portSetting} ${port} is in use on ${host}: end what listens there, or set ${portSetting} to another port.`;
    case 'EACCES':
      return `${portSetting} ${port} is not permitted to this user: set ${portSetting} to a port above 1023.`;
    case 'EADDRNOTAVAIL':
      return `SIGNPOST_HOST ${host} is no address of this machine.`;
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
      return isLookUpOf(host, error) ? `SIGNPOST_HOST ${host} is no address of this machine.` : null;
    default:
      return null;
  }
}

/** Whether the look-up that failed was that of `host`: a process looks up the names of other machines, too. */
function isLookUpOf(host: string, error: unknown): boolean {
  return typeof error === 'object' && error !== null && 'hostname' in error && error.hostname === host;
}

const UNREACHABLE = /^(ECONN|EHOST|ENET|ETIMEDOUT|ENOTFOUND|EAI_AGAIN|EPIPE)/;
/** Messages of driver errors that have no code. */
const UNREACHABLE_MESSAGE = /timeout|Connection terminated|connection ended/i;
const NOT_ENCRYPTED_MESSAGE = /SSL|certificate/i;
/** SQLSTATE class of connection errors, such as that of a pooler in front of the server, which does not accept what a connection needs. */
const NOT_SPOKEN_CLASS = '08';

/**
 * One line, without the password, for a PostgreSQL that cannot be used, or null for an error that says something else.
 * Codes are those of PostgreSQL's appendix A and of the operating system.
 */
export function databaseFailureLine(error: unknown, databaseUrl: string): string | null {
  const code = codeOf(error);
  const message = error instanceof Error ? error.message : '';
  const { hostname, port, username, pathname } = new URL(databaseUrl);
  const server = `DATABASE_URL: PostgreSQL at ${hostname}:${port || '5432'}`;
  if (code === '28P01' || code === '28000') return `${server} does not let the user "${username}" in: ${message}.`;
  if (code === '3D000') return `${server} has no database "${decodeURIComponent(pathname.slice(1))}".`;
  if (code === '42501') return `${server} does not allow the user "${username}" what is needed: ${message}.`;
  if (/^(53|57P)/.test(code)) return `${server} takes no connections now: ${message}.`;
  if (UNREACHABLE.test(code)) return `${server} cannot be reached (${code}).`;
  if (code.startsWith(NOT_SPOKEN_CLASS) || NOT_ENCRYPTED_MESSAGE.test(`${code} ${message}`)) {
    return `${server} cannot be talked to: ${message}.`;
  }
  return code === '' && UNREACHABLE_MESSAGE.test(message) ? `${server} cannot be reached (${message}).` : null;
}

/** The code of an error. An error that holds several, such as one for each address of a host name, has the code of the first. */
function codeOf(error: unknown): string {
  if (typeof error !== 'object' || error === null) return '';
  if ('code' in error && typeof error.code === 'string') return error.code;
  return error instanceof AggregateError ? codeOf(error.errors[0]) : '';
}
