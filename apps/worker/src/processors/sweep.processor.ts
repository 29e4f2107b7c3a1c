import { Sweep } from '@signpost/delivery';
import { JobHost, JobProcessor } from '@signpost/queue';
import { PartitionKeeper } from '../partition-keeper';
import { WorkerObserver } from '../worker-observer';

/** `sweep`: every few seconds, over all workers. */
@JobProcessor('sweep')
export class SweepProcessor extends JobHost<'sweep'> {
  constructor(
    private readonly sweep: Sweep,
    private readonly partitions: PartitionKeeper,
    private readonly observer: WorkerObserver,
  ) {
    super();
  }

  protected override async run(): Promise<void> {
    this.observer.swept(await this.sweep.run());
    await this.partitions.keep();
  }
}
