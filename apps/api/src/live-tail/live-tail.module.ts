import { Module } from '@nestjs/common';
import type { Config } from '@signpost/config';
import { DatabaseClock, DeliveryChanges, SqlClient } from '@signpost/database';
import type { Logger } from 'pino';
import { Gauge, Registry } from 'prom-client';
import { CONFIG } from '../platform/config.token';
import { LOGGER } from '../platform/logger.token';
import { DeliveryTails } from './delivery-tails';
import { LiveTailController } from './live-tail.controller';
import { RecentChanges } from './recent-changes';

@Module({
  controllers: [LiveTailController],
  providers: [
    {
      provide: DeliveryTails,
      inject: [SqlClient, DatabaseClock, CONFIG, LOGGER, Registry],
      useFactory: (sql: SqlClient, clock: DatabaseClock, { delivery }: Config, logger: Logger, metrics: Registry) => {
        const changes = new DeliveryChanges(sql);
        const tails = new DeliveryTails(
          (storeId) => new RecentChanges(changes, storeId, delivery.attemptTimeoutMs),
          () => clock.nowMs(),
          (error) => logger.warn({ err: error }, 'A store that is watched could not be looked at.'),
        );
        new Gauge({
          name: 'signpost_live_tails',
          help: 'Live tails that are open in this process.',
          registers: [metrics],
          collect(): void {
            this.set(tails.count);
          },
        });
        return tails;
      },
    },
  ],
})
export class LiveTailModule {}
