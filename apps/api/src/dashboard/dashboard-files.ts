import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import fastifyStatic from '@fastify/static';
import type { FastifyInstance } from 'fastify';

/** The page that every address of the dashboard is answered with. */
export interface DashboardPage {
  readonly html: string;
  readonly etag: string;
}

/** Where `npm run build` leaves the dashboard. This file is in `apps/api/src`, or compiled in `dist/apps/api/src`. */
export function dashboardDirectory(): string {
  const root = resolve(__dirname, '..', '..', '..', '..');
  return join(basename(root) === 'dist' ? dirname(root) : root, 'dist', 'apps', 'dashboard');
}

/**
 * Reads the page as it is now: `npm run build` may replace it, and every file that it loads, at any time.
 *
 * @returns null when the dashboard has not been built
 */
export async function readDashboardPage(directory: string): Promise<DashboardPage | null> {
  const file = join(directory, 'index.html');
  if (!existsSync(file)) return null;
  const html = await readFile(file, 'utf8');
  return { html, etag: `"${createHash('sha256').update(html).digest('base64url').slice(0, 22)}"` };
}

/** Serves the files that the page loads. Their names change with their content, so that browsers may keep them. */
export async function serveDashboardAssets(fastify: FastifyInstance, directory: string): Promise<void> {
  await fastify.register(fastifyStatic, {
    root: join(directory, 'assets'),
    prefix: '/assets/',
    // Where it has not been built, the page says so.
    suppressWarning: true,
    decorateReply: false,
    index: false,
    preCompressed: true,
    immutable: true,
    maxAge: '365d',
  });
}
