import { Module } from '@nestjs/common';
import type { Config } from '@signpost/config';
import { AuditLog, DatabaseClock, SqlClient, TestDeliveries } from '@signpost/database';
import { BullJobQueue } from '@signpost/queue';
import { CONFIG } from '../platform/config.token';
import { TestSend } from './test-send';
import { TestSendsController } from './test-sends.controller';

@Module({
  controllers: [TestSendsController],
  providers: [
    {
      provide: TestSend,
      inject: [SqlClient, AuditLog, BullJobQueue, DatabaseClock, CONFIG],
      useFactory: (sql: SqlClient, audit: AuditLog, queue: BullJobQueue, clock: DatabaseClock, { delivery }: Config) =>
        new TestSend(new TestDeliveries(sql, audit), queue, delivery.attemptTimeoutMs, () => clock.nowMs()),
    },
  ],
})
export class TestSendsModule {}
