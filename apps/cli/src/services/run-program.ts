import { spawn } from 'node:child_process';

/** The system user that server processes run as, when that is not the user of this process. */
export interface ServerAccount {
  readonly uid: number;
  readonly gid: number;
}

/** The result of a program: its exit code, or none when it could not be started or died of a signal; and all it printed. */
export interface ProgramResult {
  readonly exitCode: number | undefined;
  readonly output: string;
}

/**
 * The whole environment of PostgreSQL's programs. It is fixed, so that a PGPORT, PGDATA or LANG of the person at the terminal changes
 * nothing. The locale is C because start failures are recognised by their English messages.
 */
export const SERVER_ENVIRONMENT: Readonly<Record<string, string>> = { LC_ALL: 'C', TZ: 'UTC' };

/**
 * Runs a program to its end as `account` (or as the user of this process) and collects what it printed.
 * The working directory is `/`, because the account may not be allowed into the caller's. Never rejects.
 */
export function runProgram(command: string, args: readonly string[], account?: ServerAccount): Promise<ProgramResult> {
  return new Promise((resolve) => {
    const child = spawn(command, args, {
      ...account,
      cwd: '/',
      env: { ...SERVER_ENVIRONMENT },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let output = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => (output += text));
    child.stderr.setEncoding('utf8').on('data', (text: string) => (output += text));
    child.once('error', (error) => resolve({ exitCode: undefined, output: `${output}${error.message}` }));
    child.once('close', (exitCode) => resolve({ exitCode: exitCode ?? undefined, output: output.trimEnd() }));
  });
}
