import { DeliveryWorker } from '@signpost/delivery';
import { JobHost, type JobOf, JobProcessor } from '@signpost/queue';

/** `retry {deliveryId}`: attempts one delivery now, beside its schedule, because a person asked for it. */
@JobProcessor('retries')
export class RetryProcessor extends JobHost<'retries'> {
  constructor(private readonly delivery: DeliveryWorker) {
    super();
  }

  protected override run(job: JobOf<'retries'>): Promise<void> {
    return this.delivery.attemptNow(job.data.deliveryId);
  }
}
