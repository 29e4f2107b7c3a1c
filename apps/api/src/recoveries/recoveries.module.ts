import { Module } from '@nestjs/common';
import { AuditLog, RecoveryRepository } from '@signpost/database';
import { BullJobQueue } from '@signpost/queue';
import type { Logger } from 'pino';
import { DataSource } from 'typeorm';
import { LOGGER } from '../platform/logger.token';
import { RecoveriesController } from './recoveries.controller';
import { RecoveryRequests } from './recovery-requests';

@Module({
  controllers: [RecoveriesController],
  providers: [
    {
      provide: RecoveryRepository,
      inject: [DataSource, AuditLog],
      useFactory: (dataSource: DataSource, audit: AuditLog) => new RecoveryRepository(dataSource, audit),
    },
    {
      provide: RecoveryRequests,
      inject: [RecoveryRepository, BullJobQueue, LOGGER],
      useFactory: (recoveries: RecoveryRepository, queue: BullJobQueue, logger: Logger) =>
        new RecoveryRequests(recoveries, queue, (error) =>
          logger.warn({ err: error }, 'No worker was asked to recover; the sweep will.'),
        ),
    },
  ],
})
export class RecoveriesModule {}
