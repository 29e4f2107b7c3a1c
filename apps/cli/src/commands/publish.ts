import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { buffer } from 'node:stream/consumers';
import {
  type PublishedEvent,
  type RawJson,
  rawJson,
  SignpostClient,
  type SignpostClientOptions,
} from '@signpost/client';
import { isEventType } from '@signpost/domain';
import type { Command, CommandContext } from '../command';
import { readDemoRecord } from '../local/demo-record';
import { checkSettings } from '../local/local-settings';
import { readArguments } from '../read-arguments';
import { errorCode } from '../services/error-code';
import { UsageError } from '../usage-error';

export const publish: Command = {
  usage: [
    'signpost publish <type> <file>    the file holds the data of an event: {"id":…}',
    'signpost publish <file>           the file holds a whole event: {"type":…,"data":…}',
    '',
    '  A file named - is standard input. What is in it is published as it is written, byte for byte.',
    '',
    '  --url <url>               where the API is',
    '  --store <store>           the key of the store',
    '  --key <spk_…>             an API key of the store, with',
    '  --secret <whsec_…>        its secret',
    '  --idempotency-key <text>  publishes once, however often the command is repeated',
    '',
    'Store, key and secret belong together. Left out, they are those of the demo that `signpost up` made in the data directory, as',
    'is the URL.',
  ],
  async run(args, context) {
    const { values, positionals } = readArguments(args, OPTIONS, 2);
    const file = positionals.at(-1);
    if (file === undefined) throw new UsageError('Say which file to publish, or - for standard input.');
    const type = positionals.length === 2 ? positionals[0] : undefined;
    const client = connect(await destination(values, context));
    const options = values['idempotency-key'] === undefined ? {} : { idempotencyKey: values['idempotency-key'] };
    const body = await read(file, context);
    const event: PublishedEvent =
      type === undefined
        ? await client.publishBody(body, options)
        : await client.publish(type, readData(body, file, type), options);
    context.say(`${event.id} ${event.type} ${event.timestamp}`);
    return 0;
  },
};

const OPTIONS = {
  url: { type: 'string' },
  store: { type: 'string' },
  key: { type: 'string' },
  secret: { type: 'string' },
  'idempotency-key': { type: 'string' },
} as const;

const OF_ONE_STORE = ['store', 'key', 'secret'] as const;

type Destination = { readonly [name in 'url' | 'store' | 'key' | 'secret']?: string | undefined };

async function destination(values: Destination, { env }: CommandContext) {
  const demo = await readDemoRecord(checkSettings(env).dataDir);
  const isOther = OF_ONE_STORE.some((name) => values[name] !== undefined && values[name] !== demo[name]);
  const named = (name: keyof Destination): string => {
    if (isOther && name !== 'url' && values[name] === undefined) {
      throw new UsageError(`Say --${name} too: store, key and secret belong together.`);
    }
    const value = values[name] ?? demo[name];
    if (value !== undefined) return value;
    throw new UsageError(`Say --${name}: there is no demo in the data directory whose ${name} could be used.`);
  };
  return { baseUrl: named('url'), store: named('store'), key: named('key'), secret: named('secret') };
}

function connect(options: SignpostClientOptions): SignpostClient {
  try {
    return new SignpostClient(options);
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
    throw new UsageError('--url must be a URL, such as http://127.0.0.1:3000.');
  }
}

/** Reads a file as text, and refuses one that is not UTF-8: its text would have other bytes when it is published. */
async function read(file: string, { directory }: CommandContext): Promise<string> {
  const bytes = file === '-' ? await buffer(process.stdin) : await readBytes(file, directory);
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    throw new UsageError(`What ${named(file)} holds is not valid UTF-8.`);
  }
}

async function readBytes(file: string, directory: string): Promise<Buffer> {
  try {
    return await readFile(resolve(directory, file));
  } catch (error) {
    throw new UsageError(`The file ${file} cannot be read (${errorCode(error) ?? String(error)}).`);
  }
}

function named(file: string): string {
  return file === '-' ? 'standard input' : file;
}

function readData(body: string, file: string, type: string): RawJson {
  const wrapped = eventTypeOf(parse(body, file));
  if (wrapped === null) return rawJson(body);
  throw new UsageError(`What ${named(file)} holds is a whole event, ${wrapped}: publish it without saying ${type}.`);
}

function parse(body: string, file: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    throw new UsageError(`What ${named(file)} holds is not JSON.`);
  }
}

/** The type of a whole event; null for anything else, such as data that has a `type` of its own. */
function eventTypeOf(value: unknown): string | null {
  if (typeof value !== 'object' || value === null || !('data' in value) || !('type' in value)) return null;
  return isEventType(value.type) ? value.type : null;
}
