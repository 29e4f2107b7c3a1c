/** What a command gets from the world. */
export interface CommandContext {
  readonly env: NodeJS.ProcessEnv;
  /** Prints a line on standard output. */
  readonly say: (line: string) => void;
  /** The person's working directory: the relative paths that they give begin here. */
  readonly directory: string;
}

/** The exit code, or `stays`: the command is still running when it returns, and ends the process itself. */
export type CommandResult = number | 'stays';

/** What a command does. */
export interface Command {
  /** What `help` shows after the summary: arguments, options, settings. */
  readonly usage: readonly string[];
  /** @throws UsageError for arguments it does not take; errors with a sentence for the person at the terminal */
  run(args: readonly string[], context: CommandContext): Promise<CommandResult>;
}

/** One line of the list of commands. A command is loaded when it is called: most of them need little. */
export interface CommandEntry {
  readonly name: string;
  readonly summary: string;
  readonly load: () => Promise<Command>;
}
