export * from './check-schema';
export { checkWritable } from './check-writable';
export * from './data-source';
export * from './database-clock';
export * from './database-now';
export * from './migrate-database';
export * from './people';
export * from './system-state';
export * from './admin/api-key-repository';
export { AUDIT_ACTIONS, type AuditAction, AuditLog, type Actor } from './admin/audit-log';
export { ACTOR_KINDS, type AuditFilter, type AuditScope } from './admin/audit-query';
export * from './admin/id-page';
export * from './admin/recovery-repository';
export * from './admin/store-repository';
export * from './admin/webhook-health';
export * from './admin/webhook-repository';
export * from './entities/api-key.entity';
export * from './entities/audit-entry.entity';
export * from './entities/recovery.entity';
export * from './entities/store.entity';
export * from './entities/webhook.entity';
export * from './keys/api-key-lookup';
export { ApiKeyPermits } from './keys/api-key-permits';
export * from './keys/api-key-secrets';
export * from './keys/check-key-ring';
export * from './keys/key-active-sql';
export * from './keys/key-usage-ledger';
export * from './keys/key-usage-queries';
export * from './keys/rewrap-secrets';
export * from './log/delivery-changes';
export {
  type AttemptRow,
  DELIVERY_STATUSES,
  type DeliveryFilters,
  DeliveryLog,
  type DeliveryRow,
  type DeliveryStatus,
  NO_DELIVERY_FILTERS,
} from './log/delivery-log';
export { type AttemptCounts, DeliveryStats, type StatsWindow } from './log/delivery-stats';
export * from './log/event-queries';
export { type LogCount, type LogSlice, type LogWindow } from './log/log-page';
export * from './log/manual-retry';
export * from './log/test-deliveries';
export * from './pipeline/pg-claim-ledger';
export * from './pipeline/pg-event-log';
export * from './pipeline/pg-failing-ledger';
export * from './pipeline/pg-fan-out-ledger';
export * from './pipeline/pg-lease-ledger';
export * from './pipeline/pg-recovery-ledger';
export * from './pipeline/pg-registry-source';
export * from './pipeline/pg-result-ledger';
export * from './pipeline/pg-sweep-ledger';
export * from './sql/sql-client';
export * from './sql/unavailable';
export { hourlySinceMs } from './upkeep/condense-counts';
export * from './upkeep/days-ahead';
export * from './upkeep/partitions';
export * from './upkeep/retention';
