import { setTimeout as delay } from 'node:timers/promises';
import { loadConfig } from '@signpost/config';
import {
  checkKeyRing,
  checkSchema,
  createDataSource,
  rewrapSecrets,
  rewrapSignInSecret,
  SqlClient,
} from '@signpost/database';
import { type ApiKeyId, encodeId, type KeyRing } from '@signpost/domain';
import type { Command } from '../command';
import { checkSettings, completeSettings } from '../local/local-settings';
import { openDatabase } from '../local/open-database';
import { readArguments } from '../read-arguments';

/** How long to wait before another try at keys that somebody else was changing. */
const CONTENDED_WAIT_MS = 200;

export const rekey: Command = {
  usage: [
    'signpost rekey',
    '',
    'Encrypts (seals) every stored secret again, while Signpost runs. It may be broken off and started again: it goes on with what',
    'is left. To replace a key:',
    '',
    '  1. Add the new key at the end of the ring, and restart every process.',
    '  2. Move it to the beginning of the ring, and restart every process.',
    '  3. Run `signpost rekey`. It says with which keys of the ring nothing is sealed any more.',
    '  4. Take those away, and restart every process.',
    '',
    'Exit code 1 when a secret could not be read; it is named and left as it is.',
  ],
  async run(args, { env, say }) {
    readArguments(args, {});
    const { dataDir } = checkSettings(env);
    const database = await openDatabase({ env, dataDir, say });
    try {
      const settings = await completeSettings(env, dataDir);
      const { security } = loadConfig({ ...settings.env, DATABASE_URL: database.url });
      const unreadable = await rewrapAll(database.url, security.keyRing, say);
      for (const line of outcomeLines(security.keyRing, unreadable)) say(line);
      return unreadable.length === 0 ? 0 : 1;
    } finally {
      await database.close();
    }
  },
};

/** @returns the API keys with a secret that cannot be opened */
async function rewrapAll(url: string, ring: KeyRing, say: (line: string) => void): Promise<readonly ApiKeyId[]> {
  const dataSource = createDataSource({ url, poolSize: 1, applicationName: 'signpost-rekey' });
  await dataSource.initialize();
  try {
    await checkSchema(dataSource);
    const sql = new SqlClient(dataSource);
    await checkKeyRing(sql, ring);
    await rewrapSignInSecret(sql, ring);
    for (let rewrapped = 0; ;) {
      let contended = 0;
      const unreadable: ApiKeyId[] = [];
      for await (const step of rewrapSecrets(sql, ring)) {
        rewrapped += step.rewrapped;
        contended += step.contended;
        unreadable.push(...step.unreadable);
        say(`Sealed anew: the secrets of ${rewrapped} API keys.`);
      }
      if (contended === 0) return unreadable;
      await delay(CONTENDED_WAIT_MS);
    }
  } finally {
    await dataSource.destroy();
  }
}

function outcomeLines({ primaryId, keys }: KeyRing, unreadable: readonly ApiKeyId[]): readonly string[] {
  if (unreadable.length > 0) {
    const names = unreadable.map((id) => encodeId('apiKey', id)).join(', ');
    return [
      `These API keys have a secret that cannot be read, and keep it: ${names}. Rotate their secrets, or delete them.`,
    ];
  }
  const sealed = `Every secret is sealed with the key "${primaryId}".`;
  const spare = [...keys.keys()].filter((id) => id !== primaryId);
  if (spare.length === 0) return [sealed];
  // Nothing stored tells a key that has been replaced from one that is yet to seal.
  return [
    sealed,
    `Nothing is sealed with: ${spare.join(', ')}. Take away what has been replaced; move what was just added to the beginning of the ring.`,
  ];
}
