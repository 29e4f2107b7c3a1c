import type { CommandContext, CommandResult } from './command';
import { COMMANDS } from './command-table';
import { overview } from './commands/help';
import { faultLines } from './fault-lines';
import { UsageError } from './usage-error';

/** A context that can also tell errors. */
export interface Terminal extends CommandContext {
  /** Prints a line on standard error. */
  readonly complain: (line: string) => void;
}

/**
 * Runs the command that the arguments name; none is `help`. Never rejects: what went wrong is told in plain lines.
 *
 * @returns what the command returns, 1 when it failed, or 2 when there is no such command or option
 */
export async function runCommand(args: readonly string[], terminal: Terminal): Promise<CommandResult> {
  const { complain } = terminal;
  const [name, rest] = readCommandLine(args);
  const entry = COMMANDS.find((one) => one.name === name);
  if (entry === undefined) {
    for (const line of [`There is no command "${name}".`, '', ...overview(COMMANDS)]) complain(line);
    return 2;
  }
  try {
    return await (await entry.load()).run(rest, terminal);
  } catch (error) {
    for (const line of faultLines(error)) complain(line);
    if (!(error instanceof UsageError)) return 1;
    complain(`signpost help ${name} says what it takes.`);
    return 2;
  }
}

/** `signpost up --help` is `signpost help up`, and `signpost --help` is `signpost help`. */
function readCommandLine(args: readonly string[]): readonly [name: string, rest: readonly string[]] {
  const [name = 'help', ...rest] = args;
  if (isHelp(name)) return ['help', rest];
  return rest.some(isHelp) ? ['help', [name]] : [name, rest];
}

function isHelp(argument: string): boolean {
  return argument === '--help' || argument === '-h';
}
