import { join } from 'node:path';
import type { LocalSettings } from '../local/local-settings';
import { exampleOrderFile, hasDashboard, shownPath } from '../project-paths';
import type { Demo } from './ensure-demo';

export interface Signposts {
  /** The address of the API. */
  readonly url: string;
  readonly dataDir: string;
  /** The person's working directory. */
  readonly directory: string;
  readonly settings: Pick<LocalSettings, 'operatorToken' | 'operatorTokenPlace'>;
  readonly showToken: boolean;
  readonly demo: Demo | null;
}

/** Where everything is, and how to publish the next order. */
export function signpostLines({ url, dataDir, directory, settings, showToken, demo }: Signposts): readonly string[] {
  const path = (file: string): string => shownPath(file, directory);
  return [
    '',
    `API             ${url}`,
    `Documentation   ${url}/docs`,
    ...(hasDashboard()
      ? [`Dashboard       ${url}${demo === null ? '' : `/store/${demo.store}/settings/webhooks`}`]
      : []),
    `Operator token  ${showToken ? settings.operatorToken : tokenPlace(settings.operatorTokenPlace, path)}`,
    `Logs            ${path(join(dataDir, 'api.log'))}, ${path(join(dataDir, 'worker.log'))}`,
    ...(demo === null ? [] : ['', 'Publish the next order:', '', ...curlLines(url, demo, path(exampleOrderFile()))]),
    '',
    'Ctrl-C stops everything.',
  ];
}

function tokenPlace(place: LocalSettings['operatorTokenPlace'], path: (file: string) => string): string {
  return place.kind === 'file' ? `in ${path(place.path)}` : 'as set by SIGNPOST_OPERATOR_TOKEN';
}

/** `--data-binary`, because `--data` drops line breaks, and the file is to be published as it is. */
function curlLines(url: string, { store, key, secret }: Demo, file: string): readonly string[] {
  return [
    `  curl ${url}/api/v1/stores/${store}/events \\`,
    `    -u '${key}:${secret}' \\`,
    `    -H 'content-type: application/json' --data-binary @${shellWord(file)}`,
  ];
}

/** Quotes a path for a POSIX shell where that is needed. */
function shellWord(text: string): string {
  return /^[\w./-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`;
}
