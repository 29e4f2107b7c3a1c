import type { Command, CommandEntry } from '../command';
import { readArguments } from '../read-arguments';
import { UsageError } from '../usage-error';

/** The command that explains all of them, itself too. */
export function createHelp(entries: readonly CommandEntry[]): Command {
  return {
    usage: ['signpost help [command]'],
    async run(args, { say }) {
      const [name] = readArguments(args, {}, 1).positionals;
      const lines = name === undefined ? overview(entries) : await explanation(entries, name);
      for (const line of lines) say(line);
      return 0;
    },
  };
}

async function explanation(entries: readonly CommandEntry[], name: string): Promise<readonly string[]> {
  const entry = entries.find((one) => one.name === name);
  if (entry === undefined) throw new UsageError(`There is no command "${name}".`);
  return [entry.summary, '', ...(await entry.load()).usage];
}

/** The list of commands. */
export function overview(entries: readonly CommandEntry[]): readonly string[] {
  const width = Math.max(...entries.map(({ name }) => name.length));
  return [
    'Usage: signpost <command> [options]',
    '',
    ...entries.map(({ name, summary }) => `  ${name.padEnd(width)}  ${summary}`),
    '',
    'signpost help <command> says more.',
    '',
    'Here and in every message, `signpost` stands for `npm run signpost --`,',
    'and in Docker for `docker compose -f docker/compose.yaml run --rm api`.',
  ];
}
