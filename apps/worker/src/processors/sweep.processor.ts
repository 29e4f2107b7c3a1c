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
    this.observer.swept(await this.sweep.run());
    this.observer.disabled(await this.failing.disable());
    this.observer.recoveriesResumed(await this.recovery.resumeStalled());
  }
}
