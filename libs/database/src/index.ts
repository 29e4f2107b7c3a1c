export * from './api-key-lookup';
export { ApiKeyPermits } from './api-key-permits';
export * from './api-key-repository';
export * from './api-key-secrets';
export { AUDIT_ACTIONS, type AuditAction, AuditLog, type Actor } from './audit-log';
export { ACTOR_KINDS, type AuditFilter, type AuditScope } from './audit-query';
export * from './check-key-ring';
export * from './check-schema';
export { checkWritable } from './check-writable';
export { hourlySinceMs } from './condense-counts';
export * from './database-clock';
export * from './database-now';
export * from './days-ahead';
export * from './data-source';
export * from './delivery-changes';
export {
  type AttemptRow,
  DELIVERY_STATUSES,
  type DeliveryFilters,
  DeliveryLog,
  type DeliveryRow,
  type DeliveryStatus,
  NO_DELIVERY_FILTERS,
} from './delivery-log';
export { type AttemptCounts, DeliveryStats, type StatsWindow } from './delivery-stats';
export * from './entities/api-key.entity';
export * from './entities/audit-entry.entity';
export * from './entities/recovery.entity';
export * from './entities/store.entity';
export * from './entities/webhook.entity';
export * from './event-queries';
export * from './id-page';
export * from './key-active-sql';
export * from './key-usage-ledger';
export * from './key-usage-queries';
export { type LogCount, type LogSlice, type LogWindow } from './log-page';
export * from './manual-retry';
export * from './migrate-database';
export * from './partitions';
export * from './people';
export * from './pg-claim-ledger';
export * from './pg-event-log';
export * from './pg-failing-ledger';
export * from './pg-fan-out-ledger';
export * from './pg-lease-ledger';
export * from './pg-recovery-ledger';
export * from './pg-registry-source';
export * from './pg-result-ledger';
export * from './pg-sweep-ledger';
export * from './recovery-repository';
export * from './retention';
export * from './rewrap-secrets';
export * from './sql-client';
export * from './store-repository';
export * from './system-state';
export * from './test-deliveries';
export * from './unavailable';
export * from './webhook-health';
export * from './webhook-repository';
