import { DeliveryWorker } from '@signpost/delivery';
import { JobHost, type JobOf, JobProcessor } from '@signpost/queue';

/** `order.create {batchId}`, of a batch that was published at once: fans it out. */
@JobProcessor('bulk')
export class BulkProcessor extends JobHost<'bulk'> {
  constructor(private readonly delivery: DeliveryWorker) {
    super();
  }

  protected override run(job: JobOf<'bulk'>): Promise<void> {
    return this.delivery.fanOutBulk(job.data.batchId);
  }
}
