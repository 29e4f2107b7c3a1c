import { Module } from '@nestjs/common';
import type { Config } from '@signpost/config';
import { AuditLog, SqlClient, TestDeliveries } from '@signpost/database';
import { BullJobQueue } from '@signpost/queue';
import { CONFIG } from '../platform/config.token';
import { TestSend } from './test-send';
import { TestSendsController } from './test-sends.controller';

@Module({
  controllers: [TestSendsController],
  providers: [
    {
      provide: TestSend,
      inject: [SqlClient, AuditLog, BullJobQueue, CONFIG],
      useFactory: (sql: SqlClient, audit: AuditLog, queue: BullJobQueue, { delivery }: Config) =>
        new TestSend(new TestDeliveries(sql, audit), queue, delivery.attemptTimeoutMs, Date.now),
    },
  ],
})
export class TestSendsModule {}
