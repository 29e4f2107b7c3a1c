import 'reflect-metadata';
import { newGate, ONE_OF_EACH, openQueueApp } from './queue-app';
import type { QueueBackendOptions } from '@signpost/queue';

/** Runs as a process of its own: takes jobs from the queue that its argument describes, reports the id of each job, and ends none. */
async function main(): Promise<void> {
  const backend = JSON.parse(process.argv[2] ?? '') as QueueBackendOptions;
  const { workers, log } = await openQueueApp(backend);
  log.work = async (job) => {
    process.send?.(job.id);
    await newGate().opened;
  };
  workers.start(ONE_OF_EACH);
}

void main();
