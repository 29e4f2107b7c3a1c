import { Module } from '@nestjs/common';
import { KeyUsageLedger, KeyUsageQueries, SqlClient } from '@signpost/database';
import type { Logger } from 'pino';
import { LOGGER } from '../platform/logger.token';
import { KeyUsageRecorder } from './key-usage-recorder';

/** What API keys are used for. */
@Module({
  providers: [
    {
      provide: KeyUsageRecorder,
      inject: [SqlClient, LOGGER],
      useFactory: (sql: SqlClient, logger: Logger) =>
        new KeyUsageRecorder(new KeyUsageLedger(sql), logger, () => Date.now()),
    },
    { provide: KeyUsageQueries, inject: [SqlClient], useFactory: (sql: SqlClient) => new KeyUsageQueries(sql) },
  ],
  exports: [KeyUsageRecorder, KeyUsageQueries],
})
export class KeyUsageModule {}
