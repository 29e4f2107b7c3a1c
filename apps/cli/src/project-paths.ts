import { existsSync } from 'node:fs';
import { basename, dirname, join, relative, resolve } from 'node:path';

/** The directory that Signpost lies in. This file is in its `apps/cli/src`, or compiled in its `dist/apps/cli/src`. */
export function projectRoot(): string {
  const root = resolve(__dirname, '..', '..', '..');
  return basename(root) === 'dist' ? dirname(root) : root;
}

/** The compiled entry point of another app; it lies beside this one. */
export function appMain(app: 'api' | 'worker'): string {
  return resolve(__dirname, '..', '..', app, 'src', 'main.js');
}

/** Whether the dashboard was built, so that the API serves it. */
export function hasDashboard(): boolean {
  return existsSync(resolve(__dirname, '..', '..', 'dashboard'));
}

/** The order that the demo publishes: the body of a request, as a store would send it. */
export function exampleOrderFile(): string {
  return join(projectRoot(), 'docs', 'examples', 'order.json');
}

/** A path as short as it can be said to somebody who stands in `directory`. */
export function shownPath(path: string, directory: string): string {
  const short = relative(directory, path);
  return short === '' || short.startsWith('..') ? path : short;
}
