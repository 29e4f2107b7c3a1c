import { startEmbeddedPostgres } from '../../apps/cli/src/services/embedded-postgres';

/** A launcher for tests to kill: starts PostgreSQL on the data directory given, prints where, and waits for its end. */
async function launch(dataDir: string): Promise<void> {
  const { url, pid } = await startEmbeddedPostgres({ dataDir });
  process.stdout.write(`${JSON.stringify({ url, pid })}\n`);
  process.stdin.resume();
}

void launch(process.argv[2] ?? '');
