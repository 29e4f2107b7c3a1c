import type { OnModuleDestroy } from '@nestjs/common';
import { Recovery } from '@signpost/delivery';
import { JobHost, type JobOf, JobProcessor } from '@signpost/queue';

/** `recovery {recoveryId}`: sends again, step by step, what had failed. */
@JobProcessor('recoveries')
export class RecoveryProcessor extends JobHost<'recoveries'> implements OnModuleDestroy {
  constructor(private readonly recovery: Recovery) {
    super();
  }

  /** Before the workers are stopped, which wait for their jobs: this one would go on for as long as there is something to send. */
  onModuleDestroy(): void {
    this.recovery.stop();
  }

  protected override run(job: JobOf<'recoveries'>): Promise<void> {
    return this.recovery.run(job.data.recoveryId);
  }
}
