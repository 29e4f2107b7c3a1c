import { DeliveryWorker } from '@signpost/delivery';
import { JobHost, type JobOf, JobProcessor } from '@signpost/queue';

/** `test {deliveryId}`: sends one test now, for whose answer a person waits. */
@JobProcessor('tests')
export class TestProcessor extends JobHost<'tests'> {
  constructor(private readonly delivery: DeliveryWorker) {
    super();
  }

  protected override run(job: JobOf<'tests'>): Promise<void> {
    return this.delivery.attemptNow(job.data.deliveryId);
  }
}
