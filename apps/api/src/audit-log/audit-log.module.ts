import { Module } from '@nestjs/common';
import { AuditLogController } from './audit-log.controller';
import { WholeAuditLogController } from './whole-audit-log.controller';

@Module({ controllers: [AuditLogController, WholeAuditLogController] })
export class AuditLogModule {}
