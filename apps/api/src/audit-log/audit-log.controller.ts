import { Controller, Get, Query } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { AuditLog } from '@signpost/database';
import { CurrentStore, type RequestStore } from '../access/access-context';
import { Access } from '../access/access.decorator';
import { idPageOf, pageOf, PageQuery } from '../requests/page';
import { AuditEntryPage, auditEntryView } from './audit-entry.view';

@ApiTags('audit-log')
@Controller('api/v1/stores/:store/audit-log')
export class AuditLogController {
  constructor(private readonly audit: AuditLog) {}

  /** Who changed, or revealed, what. */
  @Get()
  @Access({ operator: true })
  @ApiOperation({ summary: 'List what was changed, and by whom' })
  @ApiOkResponse({ type: AuditEntryPage })
  async list(@CurrentStore() store: RequestStore, @Query() query: PageQuery): Promise<AuditEntryPage> {
    return pageOf(await this.audit.list(store.id, idPageOf(query)), query, auditEntryView);
  }
}
