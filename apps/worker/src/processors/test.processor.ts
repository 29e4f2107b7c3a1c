import { DeliveryWorker } from '@signpost/delivery';
import { JobHost, type JobOf, JobProcessor } from '@signpost/queue';

/** `test {deliveryId}`: attempts one delivery now, because a person asked for it. */
@JobProcessor('tests')
export class TestProcessor extends JobHost<'tests'> {
  constructor(private readonly delivery: DeliveryWorker) {
    super();
  }

  protected override run(job: JobOf<'tests'>): Promise<void> {
    return this.delivery.attemptNow(job.data.deliveryId);
  }
}
