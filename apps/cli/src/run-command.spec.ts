import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { COMMANDS } from './command-table';
import { runCommand } from './run-command';

interface Outcome {
  readonly result: number | 'stays';
  readonly said: readonly string[];
  readonly complained: readonly string[];
}

describe('runCommand', () => {
  let directory: string;

  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), 'signpost-cli-'));
  });
  afterAll(() => rm(directory, { recursive: true, force: true }));

  async function run(args: readonly string[], env: NodeJS.ProcessEnv = {}): Promise<Outcome> {
    const [said, complained]: [string[], string[]] = [[], []];
    const result = await runCommand(args, {
      env: { SIGNPOST_DATA_DIR: directory, ...env },
      directory,
      say: (line) => void said.push(line),
      complain: (line) => void complained.push(line),
    });
    return { result, said, complained };
  }

  it.each([[[]], [['help']], [['--help']], [['-h']]])('lists every command for %j', async (args) => {
    const { result, said, complained } = await run(args);
    expect({ result, complained }).toEqual({ result: 0, complained: [] });
    for (const { name, summary } of COMMANDS) {
      expect(said).toContainEqual(expect.stringMatching(new RegExp(`^ {2}${name} +${summary.slice(0, 10)}`)));
    }
    expect(said.join(' ')).toContain('`signpost` stands for `npm run signpost --`');
    const columns = COMMANDS.map(({ summary }) => said.find((line) => line.endsWith(summary))?.indexOf(summary));
    expect(new Set(columns).size).toBe(1);
  });

  it.each(COMMANDS.map(({ name }) => name))('explains %s, asked in either way', async (name) => {
    const explained = await run(['help', name]);
    expect(explained.result).toBe(0);
    expect(explained.said).toContainEqual(expect.stringContaining(`signpost ${name}`));
    expect(await run([name, '--help'])).toEqual(explained);
  });

  it('says of an unknown command that it is one, and lists those that are', async () => {
    const { result, said, complained } = await run(['pubish']);
    expect(result).toBe(2);
    expect(said).toEqual([]);
    expect(complained.slice(0, 2)).toEqual(['There is no command "pubish".', '']);
    expect(complained).toContainEqual(expect.stringContaining('publish'));
  });

  it.each([
    [['doctor', '--fast'], "Unknown option '--fast'."],
    [['chaos', '--rate', '-1'], "Option '--rate' needs a value, after = if that begins with -."],
    [['migrate', 'now'], 'What is "now"? There are too many arguments.'],
    [['help', 'pubish'], 'There is no command "pubish".'],
    [['publish'], 'Say which file to publish, or - for standard input.'],
    [['publish', 'order.json'], 'Say --url: there is no demo in the data directory whose url could be used.'],
    [
      ['publish', 'order.json', '--url', 'localhost:3000', '--store', 's', '--key', 'k', '--secret', 'x'],
      '--url must be a URL, such as http://127.0.0.1:3000.',
    ],
    [
      ['publish', 'order.json', '--url', 'http://127.0.0.1:3000', '--key', 'k', '--secret', 'x'],
      'Say --store too: store, key and secret belong together.',
    ],
    [['listen'], 'Say --secret: there is no demo in the data directory to take it from.'],
    [
      ['listen', '--secret', 'x', '--port', '99999'],
      '--secret: A signing secret is "whsec_" and the base64 of 24 to 64 bytes.',
    ],
    [
      ['listen', '--secret', `whsec_${'A'.repeat(32)}`, '--port', '99999'],
      '--port must be a port: a whole number from 0 to 65535.',
    ],
  ])('says in one line what is wrong with %j', async (args, line) => {
    const { result, said, complained } = await run(args);
    expect({ result, said }).toEqual({ result: 2, said: [] });
    expect(complained).toEqual([line, expect.stringContaining('says what it takes')]);
  });

  it.each(['bench', 'chaos'])('does not run %s for minutes whose findings could not be written', async (name) => {
    expect(await run([name, '--json', 'none/findings.json'])).toEqual({
      result: 2,
      said: [],
      complained: [
        `The file ${join(directory, 'none', 'findings.json')} cannot be written (ENOENT).`,
        `signpost help ${name} says what it takes.`,
      ],
    });
  });

  it('names a setting that is wrong, without a stack', async () => {
    expect(await run(['publish', 'x'], { PORT: 'http' })).toEqual({
      result: 1,
      said: [],
      complained: ['PORT must be a whole number from 0 to 65535.'],
    });
  });

  it('does not wrap a whole event into another one, but publishes data that only looks like an event', async () => {
    await writeFile(join(directory, 'event.json'), '{"type":"order.update","data":{"id":1}}');
    await writeFile(join(directory, 'typed.json'), '{"type":"gift","data":{"id":1}}');
    const to = ['--url', 'http://127.0.0.1:3000/x', '--store', 's', '--key', 'k', '--secret', 'x'];
    expect(await run(['publish', 'order.create', 'event.json', ...to])).toEqual({
      result: 2,
      said: [],
      complained: [
        'What event.json holds is a whole event, order.update: publish it without saying order.create.',
        'signpost help publish says what it takes.',
      ],
    });
    const typed = await run(['publish', 'order.create', 'typed.json', ...to, '--idempotency-key', 'a b']);
    expect(typed.complained).toEqual(['Idempotency-Key must be 1 to 255 visible ASCII characters.']);
  });

  it('publishes no file that is not there, not UTF-8 or not JSON, and shows no secret', async () => {
    await writeFile(join(directory, 'broken.json'), '{"id":');
    await writeFile(join(directory, 'latin1.json'), Buffer.from('{"name":"Zoë"}', 'latin1'));
    const to = ['--url', 'http://127.0.0.1:1', '--store', 'acme', '--key', 'spk_1', '--secret', 'whsec_hidden'];
    expect((await run(['publish', 'none.json', ...to])).complained[0]).toBe(
      'The file none.json cannot be read (ENOENT).',
    );
    expect((await run(['publish', 'order.create', 'broken.json', ...to])).complained[0]).toBe(
      'What broken.json holds is not JSON.',
    );
    expect((await run(['publish', 'order.create', 'latin1.json', ...to])).complained[0]).toBe(
      'What latin1.json holds is not valid UTF-8.',
    );
  });
});
