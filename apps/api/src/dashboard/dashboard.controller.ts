import { Controller, Get, Headers, Inject, Res } from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';
import { SignpostError } from '@signpost/domain';
import type { FastifyReply } from 'fastify';
import { Public } from '../access/access.decorator';
import { readDashboardPage } from './dashboard-files';
import { DASHBOARD_PAGES } from './dashboard-pages';

/** Where the built dashboard is. */
export const DASHBOARD_DIRECTORY = Symbol('DASHBOARD_DIRECTORY');

const NOT_BUILT = 'The API runs. Its dashboard has not been built: "npm run build" does that.\n';

/** Answers browsers with the dashboard, at the addresses of its pages alone. */
@ApiExcludeController()
@Controller()
export class DashboardController {
  constructor(@Inject(DASHBOARD_DIRECTORY) private readonly directory: string) {}

  /** The page is the same for everybody and holds no data; a browser asks each time whether it is still current. */
  @Get([...DASHBOARD_PAGES])
  @Public()
  async show(
    @Headers('accept') accept: string | undefined,
    @Headers('if-none-match') known: string | undefined,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    if (accept?.includes('text/html') !== true) {
      throw new SignpostError('not_found', 'This is a page for browsers; /docs describes the API.');
    }
    reply.header('cache-control', 'no-cache').header('vary', 'accept');
    const page = await readDashboardPage(this.directory);
    if (page === null) {
      await reply.code(503).type('text/plain; charset=utf-8').send(NOT_BUILT);
      return;
    }
    reply.header('etag', page.etag);
    if (known === page.etag) await reply.code(304).send();
    else await reply.type('text/html; charset=utf-8').send(page.html);
  }
}
