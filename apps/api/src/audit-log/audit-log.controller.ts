import { Controller, Get, Query, type StreamableFile } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiProduces, ApiTags } from '@nestjs/swagger';
import { AuditLog, type AuditScope } from '@signpost/database';
import { CurrentStore, type RequestStore } from '../access/access-context';
import { Access } from '../access/access.decorator';
import { AuditEntryPage } from './audit-entry.view';
import { AuditExportQuery, AuditQuery } from './audit-query.dto';
import { exportAuditLog, readAuditPage } from './audit-reading';

@ApiTags('audit-log')
@Controller('api/v1/stores/:store/audit-log')
export class AuditLogController {
  constructor(private readonly audit: AuditLog) {}

  /** Who changed, or revealed, what. */
  @Get()
  @Access({ operator: true, people: 'viewer', portal: 'none' })
  @ApiOperation({ summary: 'List what was changed, and by whom' })
  @ApiOkResponse({ type: AuditEntryPage })
  list(@CurrentStore() store: RequestStore, @Query() query: AuditQuery): Promise<AuditEntryPage> {
    return readAuditPage(this.audit, scopeOf(store), query);
  }

  @Get('export')
  @Access({ operator: true, people: 'viewer', portal: 'none' })
  @ApiOperation({ summary: 'Download what was changed, and by whom, as CSV or JSON lines' })
  @ApiProduces('text/csv', 'application/jsonl')
  @ApiOkResponse({ schema: { type: 'string' }, description: 'All that matches, newest first.' })
  export(@CurrentStore() store: RequestStore, @Query() query: AuditExportQuery): StreamableFile {
    return exportAuditLog(this.audit, scopeOf(store), query, `audit-log-${store.key}`);
  }
}

function scopeOf({ id }: RequestStore): AuditScope {
  return { kind: 'store', storeId: id };
}
