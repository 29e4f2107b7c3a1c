import { spawn } from 'node:child_process';
import type { Socket } from 'node:net';

/** Processes and directories that must not outlive the process that started or made them. */
export interface Belongings {
  /** Processes to end. */
  readonly pids: readonly number[];
  /** Directories to remove once those are gone. */
  readonly directories?: readonly string[];
}

/**
 * Waits for a line or the end of its input. A line means that the parent has cleaned up; the end means that it was killed. Processes are
 * ended by SIGINT, which Redis obeys as well: at SIGTERM, PostgreSQL would wait for its clients to go.
 */
const SCRIPT = `
if read -r line; then exit 0; fi
for pid in $1; do kill -INT "$pid" 2>/dev/null; done
for pid in $1; do
  tries=0
  while kill -0 "$pid" 2>/dev/null && [ $tries -lt 100 ]; do sleep 0.1; tries=$((tries+1)); done
  kill -KILL "$pid" 2>/dev/null
done
shift
[ $# -eq 0 ] || rm -rf -- "$@"
`;

/**
 * Makes sure that this process leaves neither processes nor directories behind, even when it is killed with kill -9: a small shell holds
 * the read end of a pipe. Only this process holds the write end, which the system closes when the process ends.
 *
 * @returns a function that calls the watch off; to be called after an orderly end.
 */
export function endWithParent({ pids, directories = [] }: Belongings): () => void {
  const watcher = spawn('/bin/sh', ['-c', SCRIPT, 'sh', pids.join(' '), ...directories], {
    // In a process group of its own: the Ctrl-C that ends this process must not end the clean-up.
    detached: true,
    cwd: '/',
    stdio: ['pipe', 'ignore', 'ignore'],
  });
  watcher.unref();
  watcher.stdin.on('error', () => undefined);
  // A pipe is a socket to Node; an idle one must not keep this process alive.
  (watcher.stdin as Partial<Socket>).unref?.();
  return () => void watcher.stdin.end('done\n');
}
