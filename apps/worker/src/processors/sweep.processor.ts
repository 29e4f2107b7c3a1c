import { FailingWebhooks, Recovery, Sweep } from '@signpost/delivery';
import { JobHost, JobProcessor } from '@signpost/queue';
import { WorkerObserver } from '../worker-observer';

/** `sweep`: every few seconds, over all workers. */
@JobProcessor('sweep')
export class SweepProcessor extends JobHost<'sweep'> {
  constructor(
    private readonly sweep: Sweep,
    private readonly failing: FailingWebhooks,
    private readonly recovery: Recovery,
    private readonly observer: WorkerObserver,
  ) {
    super();
  }

  protected override async run(): Promise<void> {
    const parts = [
      this.sweep.run().then((report) => this.observer.swept(report)),
      this.failing.disable().then((webhookIds) => this.observer.disabled(webhookIds)),
      this.recovery.resumeStalled().then((resumed) => this.observer.recoveriesResumed(resumed)),
    ];
    // When one part fails, the other parts are finished all the same.
    await Promise.allSettled(parts);
    await Promise.all(parts);
  }
}
