import { loadConfig } from '@signpost/config';
import { SignpostError } from '@signpost/domain';
import { startWorker } from './start-worker';

async function main(): Promise<void> {
  const worker = await startWorker(loadConfig(process.env));
  for (const signal of ['SIGTERM', 'SIGINT'] as const) {
    process.once(signal, () => void worker.close().then(() => process.exit(0), fail));
  }
}

function fail(error: unknown): void {
  const text = error instanceof SignpostError ? error.publicMessage : error;
  console.error(text);
  process.exit(1);
}

main().catch(fail);
