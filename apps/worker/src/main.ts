import { runProcess } from '@signpost/config';
import { startWorker } from './start-worker';

void runProcess({ portSetting: 'WORKER_PORT', start: startWorker });
