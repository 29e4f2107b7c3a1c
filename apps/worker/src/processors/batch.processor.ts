import { DeliveryWorker } from '@signpost/delivery';
import { JobHost, type JobOf, JobProcessor } from '@signpost/queue';

/** `order.create {batchId}`: fans the batch out. */
@JobProcessor('events')
export class BatchProcessor extends JobHost<'events'> {
  constructor(private readonly delivery: DeliveryWorker) {
    super();
  }

  protected override run(job: JobOf<'events'>): Promise<void> {
    return this.delivery.fanOut(job.data.batchId);
  }
}
