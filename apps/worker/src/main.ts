import { runProcess } from '@signpost/config';
import { startWorker } from './start-worker';

// If the heap were collected more often, the collections would delay what is being sent.
void runProcess({
  portSetting: 'WORKER_PORT',
  start: startWorker,
  heapGrowthPercent: 45,
  marksBeside: true,
  savesMemory: false,
});
