import { join } from 'node:path';
import { readIfThere, replaceFile } from './private-file';

/**
 * What `up` remembers of its demo, in `<dataDir>/demo.json` (0600). It is only a note: the API tells what of it no longer holds. The
 * commands `publish` and `listen` take their defaults from it.
 */
export interface DemoRecord {
  readonly url?: string;
  readonly store?: string;
  readonly apiKeyId?: string;
  readonly webhookId?: string;
  readonly key?: string;
  readonly secret?: string;
  readonly receiverPort?: number;
  /** The order of the first run; once it is noted, no other is sent, unless the demo's store has to be made anew. */
  readonly firstEventId?: string;
}

/** Reads the note; a missing or torn one reads as empty. */
export async function readDemoRecord(dataDir: string): Promise<DemoRecord> {
  const text = await readIfThere(pathIn(dataDir));
  try {
    return text === undefined ? {} : (JSON.parse(text) as DemoRecord);
  } catch {
    return {};
  }
}

export async function writeDemoRecord(dataDir: string, record: DemoRecord): Promise<void> {
  await replaceFile(pathIn(dataDir), `${JSON.stringify(record, null, 2)}\n`);
}

function pathIn(dataDir: string): string {
  return join(dataDir, 'demo.json');
}
