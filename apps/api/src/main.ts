import { runProcess } from '@signpost/config';
import { startApi } from './start-api';

void runProcess({ portSetting: 'PORT', start: startApi, heapGrowthPercent: 35, marksBeside: false, savesMemory: true });
