import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
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

/** @returns null when the dashboard has not been built */
export function readDashboardPage(directory: string): DashboardPage | null {
  const file = join(directory, 'index.html');
  if (!existsSync(file)) return null;
  const html = readFileSync(file, 'utf8');
  return { html, etag: `"${createHash('sha256').update(html).digest('base64url').slice(0, 22)}"` };
}

/** Serves the files that the page loads. Their names change with their content, so that browsers may keep them. */
export async function serveDashboardAssets(fastify: FastifyInstance, directory: string): Promise<void> {
  const root = join(directory, 'assets');
  if (!existsSync(root)) return;
  await fastify.register(fastifyStatic, {
    root,
    prefix: '/assets/',
    decorateReply: false,
    index: false,
    preCompressed: true,
    immutable: true,
    maxAge: '365d',
  });
}
