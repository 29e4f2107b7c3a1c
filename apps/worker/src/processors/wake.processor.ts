import { DeliveryWorker } from '@signpost/delivery';
import { JobHost, type JobOf, JobProcessor } from '@signpost/queue';

/** `wake {webhookId}`: claims what is due of the webhook. */
@JobProcessor('wakes')
export class WakeProcessor extends JobHost<'wakes'> {
  constructor(private readonly delivery: DeliveryWorker) {
    super();
  }

  protected override run(job: JobOf<'wakes'>): Promise<void> {
    return this.delivery.claim(job.data.webhookId);
  }
}
