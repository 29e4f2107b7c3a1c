import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { constants } from 'node:os';

/** Signals that ask for an end. SIGQUIT is left out: it ends this process and the child at once. */
const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'];
/** Ctrl-C under `npm run` reaches us twice, from the terminal and from npm, within milliseconds. */
const SAME_REQUEST_MS = 1_000;

/**
 * Runs a program until it ends and returns its exit code; 128 + n when signal n ended it; 127 when it cannot be started.
 * Signals do not end this process: they are passed on, and the end of the child is awaited, however long it takes.
 */
export function runChild(command, args, options) {
  return new Promise((resolve) => {
    const child = spawn(command, args, options);
    const stopForwarding = forwardSignals(child);
    const end = (exitCode) => {
      stopForwarding();
      resolve(exitCode);
    };
    child.once('error', (error) => {
      console.error(`${command} cannot be started: ${error.message}`);
      end(127);
    });
    child.once('exit', (code, signal) => end(code ?? 128 + constants.signals[signal]));
  });
}

/**
 * Passes each request to end on once. Ctrl-C goes to the whole foreground group, so the child has got the first one already. Later ones are
 * passed on as well, in case somebody sent SIGINT only to this process.
 */
function forwardSignals(child) {
  const lastSeenMs = new Map();
  const handlers = SIGNALS.map((signal) => {
    const handler = () => {
      const previousMs = lastSeenMs.get(signal);
      const nowMs = performance.now();
      if (previousMs !== undefined && nowMs - previousMs < SAME_REQUEST_MS) return;
      lastSeenMs.set(signal, nowMs);
      const childHasIt = signal === 'SIGINT' && previousMs === undefined && isInForeground();
      if (!childHasIt) child.kill(signal);
    };
    process.on(signal, handler);
    return { signal, handler };
  });
  return () => handlers.forEach(({ signal, handler }) => process.off(signal, handler));
}

/** Whether this process belongs to the group that the terminal sends Ctrl-C to. */
function isInForeground() {
  try {
    // Fields after the command's name: state, ppid, pgrp, session, tty_nr, tpgid (proc_pid_stat(5)).
    const stat = readFileSync('/proc/self/stat', 'utf8');
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return fields[2] === fields[5];
  } catch {
    return process.stdin.isTTY === true;
  }
}
