import { createSetupLink } from '@signpost/database';
import type { Command } from '../command';
import { readDemoRecord } from '../local/demo-record';
import { checkSettings, settingOf } from '../local/local-settings';
import { localUrl } from '../local/local-url';
import { openDatabase } from '../local/open-database';
import { readArguments } from '../read-arguments';

export const setupLink: Command = {
  usage: [
    'signpost setup-link',
    '',
    'While nobody can sign in yet: prints a new link by which the first person comes in, good once and for a day. The link that was',
    'printed before is good no more. Works on DATABASE_URL, or else on the embedded PostgreSQL of the data directory.',
  ],
  async run(args, { env, say }) {
    readArguments(args, {});
    const { dataDir, http } = checkSettings(env);
    const { publicUrl, host, port } = http;
    const database = await openDatabase({ env, dataDir, say });
    try {
      const token = await createSetupLink(database.url, Date.now);
      const isPortKnown = database.kind === 'given' || (settingOf(env, 'PORT') !== undefined && port !== 0);
      // The port may be set only in the terminal of `up`, or be a free one that `up` took.
      const noted = isPortKnown ? undefined : (await readDemoRecord(dataDir)).url;
      const address = publicUrl ?? noted ?? (port === 0 ? 'http://<host and port of the API>' : localUrl(host, port));
      say(token === null ? 'Somebody can sign in already.' : `${address}/setup#token=${token}`);
      return token === null ? 1 : 0;
    } finally {
      await database.close();
    }
  },
};
