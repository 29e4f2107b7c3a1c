import { startEmbeddedPostgres } from '../../apps/cli/src/services/embedded-postgres';

/** A launcher that tests kill: starts PostgreSQL on the given data directory, prints its address, and waits to be ended. */
async function launch(dataDir: string): Promise<void> {
  const { url, pid } = await startEmbeddedPostgres({ dataDir });
  process.stdout.write(`${JSON.stringify({ url, pid })}\n`);
  process.stdin.resume();
}

void launch(process.argv[2] ?? '');
