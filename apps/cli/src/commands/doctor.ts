import { type Config, unknownSettingLines } from '@signpost/config';
import { SignpostError } from '@signpost/domain';
import type { Command, CommandContext } from '../command';
import { checkDisk, checkNode, checkPortUse } from '../doctor/check-machine';
import { checkServices } from '../doctor/check-services';
import { bad, type Finding, findingLines, good } from '../doctor/finding';
import { faultLines } from '../fault-lines';
import { checkSettings, settingOf } from '../local/local-settings';
import { readArguments } from '../read-arguments';
import { isClaimed } from '../up/claim-data-dir';

export const doctor: Command = {
  usage: ['signpost doctor', '', 'Prints ✓ or ✗ for each, and what to do. Exit code 1 when anything is wrong.'],
  async run(args, context) {
    readArguments(args, {});
    let isWell = true;
    for await (const finding of findings(context)) {
      for (const line of findingLines(finding)) context.say(line);
      isWell &&= finding.kind === 'good';
    }
    return isWell ? 0 : 1;
  },
};

async function* findings({ env }: CommandContext): AsyncGenerator<Finding> {
  yield checkNode(process.versions.node);
  const settings = readSettings(env);
  yield* settings.findings;
  yield* unknownSettingLines(env).map((line) =>
    bad(`Settings: ${line}`, 'Look for its name in the README, or unset it.'),
  );
  if (settings.config === null) return;
  const { config } = settings;
  yield* await checkServices(env, config);
  // Only what `up` has started runs on the embedded database of a data directory.
  const mayBeOurs = settingOf(env, 'DATABASE_URL') !== undefined || (await isClaimed(config.dataDir));
  yield await checkPortUse('PORT', config.http, mayBeOurs);
  if (settingOf(env, 'WORKER_PORT') !== undefined) yield await checkPortUse('WORKER_PORT', config.http, mayBeOurs);
  yield await checkDisk(config.dataDir);
}

function readSettings(env: NodeJS.ProcessEnv): { config: Config | null; findings: readonly Finding[] } {
  try {
    return { config: checkSettings(env), findings: [good('Settings: every one that is set is valid')] };
  } catch (error) {
    if (!(error instanceof SignpostError)) throw error;
    const wrong = faultLines(error).map((line) => bad(`Settings: ${line}`, 'Change it, or unset it for its default.'));
    return { config: null, findings: wrong };
  }
}
