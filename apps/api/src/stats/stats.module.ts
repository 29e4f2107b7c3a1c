import { Module } from '@nestjs/common';
import { DeliveryStats, SqlClient } from '@signpost/database';
import { StatsController } from './stats.controller';

@Module({
  controllers: [StatsController],
  providers: [{ provide: DeliveryStats, inject: [SqlClient], useFactory: (sql: SqlClient) => new DeliveryStats(sql) }],
})
export class StatsModule {}
