import type { Command } from '../command';
import { appMain } from '../project-paths';
import { readArguments } from '../read-arguments';

export const api: Command = {
  usage: [
    'signpost api',
    '',
    'Needs a migrated database, and all required settings. SIGTERM ends it in an orderly way.',
  ],
  async run(args) {
    readArguments(args, {});
    await import(appMain('api'));
    return 'stays';
  },
};
