/** What a process says to the `up` that started it, once it does its work. */
export interface ReadyMessage {
  readonly kind: 'ready';
  /** Where it listens, without a slash at its end: the port may have been its own choice. */
  readonly url: string;
  /** The set-up link for the first person; null: there is none. */
  readonly setupUrl: string | null;
}

/**
 * Makes a process that `up` started end in an orderly way when `up` is gone. However `up` ended, the operating system then closes the
 * channel between the two. A process that was not started by `up` has no channel and is left alone.
 */
export function exitWithParent(): void {
  if (process.send === undefined) return;
  const terminate = (): void => void process.kill(process.pid, 'SIGTERM');
  if (process.connected) process.once('disconnect', terminate);
  else terminate();
}

/**
 * Sends a message to the `up` that started this process, if one did. It is no error when that `up` is gone.
 *
 * @returns whether this process was started by `up`
 */
export function tellParent(message: ReadyMessage): boolean {
  if (process.send === undefined) return false;
  process.send(message, undefined, undefined, () => undefined);
  return true;
}

export function isReadyMessage(message: unknown): message is ReadyMessage {
  if (typeof message !== 'object' || message === null) return false;
  if (!('kind' in message) || !('url' in message) || !('setupUrl' in message)) return false;
  const { kind, url, setupUrl } = message;
  return kind === 'ready' && typeof url === 'string' && (setupUrl === null || typeof setupUrl === 'string');
}
