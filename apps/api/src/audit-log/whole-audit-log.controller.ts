import { Controller, Get, Query, type StreamableFile } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiProduces, ApiTags } from '@nestjs/swagger';
import { AuditLog } from '@signpost/database';
import { Access } from '../access/access.decorator';
import { AuditEntryPage } from './audit-entry.view';
import { AuditExportQuery, AuditQuery } from './audit-query.dto';
import { exportAuditLog, readAuditPage } from './audit-reading';

const EVERYTHING = { kind: 'everything' } as const;

/** For the operator: what was done in all stores, also in those that were deleted, and outside of any. */
@ApiTags('audit-log')
@Controller('api/v1/audit-log')
export class WholeAuditLogController {
  constructor(private readonly audit: AuditLog) {}

  @Get()
  @Access({ operator: true, people: 'operator' })
  @ApiOperation({ summary: 'List what was changed in all stores, and by whom' })
  @ApiOkResponse({ type: AuditEntryPage })
  list(@Query() query: AuditQuery): Promise<AuditEntryPage> {
    return readAuditPage(this.audit, EVERYTHING, query);
  }

  @Get('export')
  @Access({ operator: true, people: 'operator' })
  @ApiOperation({ summary: 'Download what was changed in all stores, and by whom, as CSV or JSON lines' })
  @ApiProduces('text/csv', 'application/jsonl')
  @ApiOkResponse({ schema: { type: 'string' }, description: 'All that matches, newest first.' })
  export(@Query() query: AuditExportQuery): StreamableFile {
    return exportAuditLog(this.audit, EVERYTHING, query, 'audit-log');
  }
}
