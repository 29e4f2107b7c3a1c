import { parseArgs, type ParseArgsConfig } from 'node:util';
import { errorCode } from './services/error-code';
import { UsageError } from './usage-error';

type Options = NonNullable<ParseArgsConfig['options']>;

/**
 * Reads a command's options and its other arguments.
 *
 * @throws UsageError for an option that the command does not have, or more arguments than it takes
 */
export function readArguments<const T extends Options>(args: readonly string[], options: T, positionalsMax = 0) {
  const { values, positionals } = parse(args, options);
  if (positionals.length <= positionalsMax) return { values, positionals };
  throw new UsageError(`What is "${positionals[positionalsMax] ?? ''}"? There are too many arguments.`);
}

function parse<const T extends Options>(args: readonly string[], options: T) {
  try {
    return parseArgs({ args: [...args], options, allowPositionals: true, strict: true });
  } catch (error) {
    if (!isArgumentError(error)) throw error;
    // Node adds advice on how to pass arguments that look like options.
    const [problem = ''] = error.message.split(/\.\s/);
    throw new UsageError(
      `${problem.replace(/argument is ambiguous$/, 'needs a value, after = if that begins with -')}.`,
    );
  }
}

/** Judged by shape: under Jest, errors of Node's own modules are of another realm's Error class. */
function isArgumentError(error: unknown): error is { readonly message: string } {
  return errorCode(error)?.startsWith('ERR_PARSE_ARGS') === true;
}

/** The value of an option that is a TCP port. @throws UsageError when it is none */
export function readPort(text: string | undefined, option: string): number {
  const port = text === undefined ? 0 : Number(text);
  if (text === undefined || (/^\d{1,5}$/.test(text) && port <= 65_535)) return port;
  throw new UsageError(`${option} must be a port: a whole number from 0 to 65535.`);
}
