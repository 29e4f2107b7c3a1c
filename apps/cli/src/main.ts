import { runCommand } from './run-command';

async function main(): Promise<void> {
  // Nobody reads the output any more, as after `| head`: the command goes on all the same, and ends in its own order.
  for (const stream of [process.stdout, process.stderr]) stream.on('error', () => undefined);
  const result = await runCommand(process.argv.slice(2), {
    env: process.env,
    directory: process.env['INIT_CWD'] ?? process.cwd(),
    say: (line) => console.log(line),
    complain: (line) => console.error(line),
  });
  // The command has closed what it opened; an idle socket of a library must not keep its caller waiting.
  if (result !== 'stays') process.exit(result);
}

void main();
