import type { ChaosReceiver } from './chaos-receiver';
import type { ChaosSystem } from './chaos-system';
import type { Blow } from './judge-tally';
import type { ChaosBackend } from './queue-under-test';
import type { Tally } from './tally';

/** What a fault works on, while events are being published. */
export interface Scene {
  readonly system: ChaosSystem;
  readonly receiver: ChaosReceiver;
  readonly tally: Tally;
  /** The store that events are published to. */
  readonly storeKey: string;
  /** Notes that the fault has struck. */
  readonly blow: (blow: Blow) => void;
  /** Notes something that must never happen. */
  readonly offend: (sentence: string) => void;
  /** Waits. @throws when the run is to stop */
  readonly pause: (ms: number) => Promise<void>;
  /** Waits until all events that were accepted up to this time have arrived, for {@link RECOVERY_WAIT_MS} at most. */
  readonly recovered: (acceptedByMs: number) => Promise<void>;
  /** Whether there is time to strike once more. */
  readonly goesOn: () => boolean;
}

/** Something that goes wrong in production. */
export interface Fault {
  readonly name: string;
  /** As the table calls it. */
  readonly title: string;
  /** The queues that it can happen to. */
  readonly backends: readonly ChaosBackend[];
  /** How long recovery may take, as judged by `judgeTally`. */
  readonly recoveryMsMax: number;
  /** What may happen to publishing meanwhile: `be refused` means an answer of 503, `break off` means no answer. */
  readonly publishing: 'goes on' | 'may be refused' | 'may break off' | 'may break off or be refused';
  /** Strikes, at least once, and leaves everything running again. One worker runs when it begins; one or more when it ends. */
  strike(scene: Scene): Promise<void>;
}

/** How long recovery is waited for at most. If it takes longer, `judgeTally` will show that. */
export const RECOVERY_WAIT_MS = 40_000;

/** A number of milliseconds from a range, so that a fault strikes at any moment. */
export function anyMs(fromMs: number, toMs: number): number {
  return fromMs + Math.random() * (toMs - fromMs);
}
