import type { CommandEntry } from './command';

/** Every command, in the order of the list that people see. */
export const COMMANDS: readonly CommandEntry[] = [
  {
    name: 'up',
    summary: 'Start everything on this machine: database, API, worker and a demo.',
    load: async () => (await import('./commands/up')).up,
  },
  {
    name: 'migrate',
    summary: 'Bring the database up to this version.',
    load: async () => (await import('./commands/migrate')).migrate,
  },
  {
    name: 'api',
    summary: 'Run the API alone, in this process.',
    load: async () => (await import('./commands/api')).api,
  },
  {
    name: 'worker',
    summary: 'Run the worker alone, in this process.',
    load: async () => (await import('./commands/worker')).worker,
  },
  {
    name: 'setup-link',
    summary: 'Print a new link by which the first person comes in.',
    load: async () => (await import('./commands/setup-link')).setupLink,
  },
  {
    name: 'publish',
    summary: 'Publish an event from a file.',
    load: async () => (await import('./commands/publish')).publish,
  },
  {
    name: 'listen',
    summary: 'Receive webhooks on this machine, verify their signatures and print them.',
    load: async () => (await import('./commands/listen')).listen,
  },
  {
    name: 'rekey',
    summary: 'Encrypt all stored secrets again, with the first key of the key ring.',
    load: async () => (await import('./commands/rekey')).rekey,
  },
  {
    name: 'doctor',
    summary:
      'Check this machine, the settings, the database, the key ring, the workers, the queue, the ports and the disk.',
    load: async () => (await import('./commands/doctor')).doctor,
  },
  {
    name: 'bench',
    summary: 'Measure on this machine how many events are accepted and delivered, and how fast.',
    load: async () => (await import('./commands/bench')).bench,
  },
  {
    name: 'chaos',
    summary: 'Kill, freeze and cut off every part on this machine under load, and count what was lost.',
    load: async () => (await import('./commands/chaos')).chaos,
  },
  {
    name: 'help',
    summary: 'Explain a command.',
    load: async () => (await import('./commands/help')).createHelp(COMMANDS),
  },
];
