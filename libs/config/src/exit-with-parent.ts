/** What a process says to the `up` that started it, once it does its work. */
export interface ReadyMessage {
  readonly kind: 'ready';
  /** Where it listens, without a slash at its end: the port may have been its own choice. */
  readonly url: string;
  /** Where the first person comes in; null: nobody is to. */
  readonly setupUrl: string | null;
}

/**
 * Makes a process that `up` started end in an orderly way when `up` is gone, however that ended: the system closes the channel
 * between the two with it. A process that was started otherwise has no channel and is left alone.
 */
export function exitWithParent(): void {
  if (process.send === undefined) return;
  const terminate = (): void => void process.kill(process.pid, 'SIGTERM');
  if (process.connected) process.once('disconnect', terminate);
  else terminate();
}

/**
 * Says something to the `up` that started this process, if one did. Being gone is no fault of this process.
 *
 * @returns whether one did
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
