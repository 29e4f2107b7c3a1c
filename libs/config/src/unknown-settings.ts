import { SETTINGS } from './settings';

const KNOWN: ReadonlySet<string> = new Set(SETTINGS.map(({ name }) => name));

/** Names that Kubernetes sets in every container beside a service that is called signpost. */
const OF_KUBERNETES = /_(?:SERVICE_HOST|SERVICE_PORT|PORT)(?:_|$)/;

/**
 * One line for each variable that is named like a setting but is none: otherwise nobody would notice the typo, and the default would apply.
 */
export function unknownSettingLines(env: NodeJS.ProcessEnv): readonly string[] {
  return Object.keys(env)
    .filter((name) => name.startsWith('SIGNPOST_') && !KNOWN.has(name) && !OF_KUBERNETES.test(name))
    .sort()
    .map((name) => `${name} has no effect: there is no such setting.`);
}
