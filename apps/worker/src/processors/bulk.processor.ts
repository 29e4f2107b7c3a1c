import { DeliveryWorker } from '@signpost/delivery';
import { JobHost, type JobOf, JobProcessor } from '@signpost/queue';

/** `order.create {batchId}`, of a batch of bulk: fans it out in the time that other batches leave. */
@JobProcessor('bulk')
export class BulkProcessor extends JobHost<'bulk'> {
  constructor(private readonly delivery: DeliveryWorker) {
    super();
  }

  protected override run(job: JobOf<'bulk'>): Promise<void> {
    return this.delivery.fanOutBulk(job.data.batchId);
  }
}
