import type { Command } from '../command';
import { checkSettings } from '../local/local-settings';
import { migrate as migrateTables, openDatabase } from '../local/open-database';
import { readArguments } from '../read-arguments';

export const migrate: Command = {
  usage: [
    'signpost migrate',
    '',
    'Works on DATABASE_URL (past a pooler: SIGNPOST_DATABASE_DIRECT_URL), or else on the embedded PostgreSQL of the data directory.',
    'Safe to run at any time, from several machines at once, and while Signpost runs.',
  ],
  async run(args, { env, say }) {
    readArguments(args, {});
    const { dataDir } = checkSettings(env);
    const database = await openDatabase({ env, dataDir, say });
    try {
      const { migrations, newer, partitions } = await migrateTables(database.url);
      for (const name of migrations) say(`Ran ${name}.`);
      const counts = `${migrations.length} migrations ran, ${partitions.length} partitions made`;
      say(`The database is at ${newer.length === 0 ? 'this' : 'a newer'} version (${counts}).`);
    } finally {
      await database.close();
    }
    return 0;
  },
};
