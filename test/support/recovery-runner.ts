import { createDataSource, PgRecoveryLedger, SqlClient } from '@signpost/database';
import { type JobQueue, Recovery, type RecoveryStep } from '@signpost/delivery';
import { decodeId } from '@signpost/domain';
import type { DataSource } from 'typeorm';
import type { TestApi } from './test-api';

/** A queue that is away: workers have to find in PostgreSQL the work that its jobs would have announced. */
const NO_QUEUE: JobQueue = {
  addBatches: () => Promise.reject(new Error('The queue is away.')),
  addWakes: () => Promise.reject(new Error('The queue is away.')),
  addTest: () => Promise.reject(new Error('The queue is away.')),
  addRetry: () => Promise.reject(new Error('The queue is away.')),
  addRecovery: () => Promise.reject(new Error('The queue is away.')),
};

/** Runs recoveries as a worker does, in steps as small as a test needs them. */
export class RecoveryRunner {
  private constructor(private readonly dataSource: DataSource) {}

  static async open(api: TestApi): Promise<RecoveryRunner> {
    const options = { url: api.database.url, poolSize: 4, applicationName: 'recovery-runner' };
    return new RecoveryRunner(await createDataSource(options).initialize());
  }

  /**
   * Makes steps until the recovery is finished, or has made `stepsMax` steps: then it is stopped, as when a worker stops.
   *
   * @param recoveryId - on the wire
   * @returns the steps that were made
   */
  async run(
    recoveryId: string,
    options: { requeuedMax?: number; lookedAtMax?: number; stepsMax?: number } = {},
  ): Promise<RecoveryStep[]> {
    const { requeuedMax = 500, lookedAtMax = 10_000, stepsMax = Infinity } = options;
    const steps: RecoveryStep[] = [];
    const settings = { requeuedMax, lookedAtMax, stalledAfterMs: 10_000, stalledMax: 10 };
    const recovery = new Recovery(new PgRecoveryLedger(new SqlClient(this.dataSource)), NO_QUEUE, settings, {
      recoveryStepped: (_, step) => {
        if (steps.push(step) >= stepsMax) recovery.stop();
      },
      enqueueFailed: () => {},
    });
    const id = decodeId('recovery', recoveryId);
    if (id === null) throw new Error(`Not the id of a recovery: ${recoveryId}`);
    await recovery.run(id);
    return steps;
  }

  async close(): Promise<void> {
    await this.dataSource.destroy();
  }
}
