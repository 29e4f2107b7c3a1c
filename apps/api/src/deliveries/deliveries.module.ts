import { Module } from '@nestjs/common';
import { AuditLog, DeliveryLog, EventQueries, SqlClient } from '@signpost/database';
import { BullJobQueue } from '@signpost/queue';
import type { Logger } from 'pino';
import { LOGGER } from '../platform/logger.token';
import { DeliveriesController } from './deliveries.controller';
import { DeliveryRetry } from './delivery-retry';

@Module({
  controllers: [DeliveriesController],
  providers: [
    { provide: DeliveryLog, inject: [SqlClient], useFactory: (sql: SqlClient) => new DeliveryLog(sql) },
    { provide: EventQueries, inject: [SqlClient], useFactory: (sql: SqlClient) => new EventQueries(sql) },
    {
      provide: DeliveryRetry,
      inject: [SqlClient, AuditLog, BullJobQueue, LOGGER],
      useFactory: (sql: SqlClient, audit: AuditLog, queue: BullJobQueue, logger: Logger) =>
        new DeliveryRetry(sql, audit, queue, (error) =>
          logger.warn({ err: error }, 'No worker was asked; the sweep will.'),
        ),
    },
  ],
  exports: [DeliveryLog, EventQueries],
})
export class DeliveriesModule {}
