import type { OnModuleDestroy } from '@nestjs/common';
import { Recovery } from '@signpost/delivery';
import { JobHost, type JobOf, JobProcessor } from '@signpost/queue';

/** `recovery {recoveryId}`: sends again, step by step, what had failed. */
@JobProcessor('recoveries')
export class RecoveryProcessor extends JobHost<'recoveries'> implements OnModuleDestroy {
  constructor(private readonly recovery: Recovery) {
    super();
  }

  /**
   * Ends the recovery before the workers are stopped. They wait for their jobs, and this job would go on for as long as there is something
   * to send.
   */
  onModuleDestroy(): void {
    this.recovery.stop();
  }

  protected override run(job: JobOf<'recoveries'>): Promise<void> {
    return this.recovery.run(job.data.recoveryId);
  }
}
