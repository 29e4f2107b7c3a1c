import { InitialSchema1764000000000 } from './1764000000000-initial-schema';
import { Recoveries1764000000001 } from './1764000000001-recoveries';
import { People1764000000040 } from './1764000000040-people';
import { ApiKeyLimits1764000000050 } from './1764000000050-api-key-limits';
import { ApiKeyLastUses1764000000051 } from './1764000000051-api-key-last-uses';
import { AppendOnlyAuditLog1764000000052 } from './1764000000052-append-only-audit-log';
import { LogReading1764000000060 } from './1764000000060-log-reading';
import { CountsByAge1764000000070 } from './1764000000070-counts-by-age';
import { LastOwners1764000000080 } from './1764000000080-last-owners';
import { ApiKeyPermits1764000000081 } from './1764000000081-api-key-permits';
import { Probes1764000000085 } from './1764000000085-probes';
import { WebhookTroubles1764000000090 } from './1764000000090-webhook-troubles';
import { DeliveriesOfAnEvent1764000000095 } from './1764000000095-deliveries-of-an-event';
import { Parcels1764000000100 } from './1764000000100-parcels';
import { PlainDurations1764000000110 } from './1764000000110-plain-durations';
import { IdsInTheirRows1764000000120 } from './1764000000120-ids-in-their-rows';
import { ToSetAside1764000000130 } from './1764000000130-to-set-aside';
import { BulkBatches1764000000140 } from './1764000000140-bulk-batches';
import { UnsentTests1764000000150 } from './1764000000150-unsent-tests';
import { OneInvitationOfAnAddress1764000000160 } from './1764000000160-one-invitation-of-an-address';
import { HoldingGates1764000000170 } from './1764000000170-holding-gates';

/** All changes of the schema, in the order in which they are made. */
export const MIGRATIONS = [
  InitialSchema1764000000000,
  Recoveries1764000000001,
  People1764000000040,
  ApiKeyLimits1764000000050,
  ApiKeyLastUses1764000000051,
  AppendOnlyAuditLog1764000000052,
  LogReading1764000000060,
  CountsByAge1764000000070,
  LastOwners1764000000080,
  ApiKeyPermits1764000000081,
  Probes1764000000085,
  WebhookTroubles1764000000090,
  DeliveriesOfAnEvent1764000000095,
  Parcels1764000000100,
  PlainDurations1764000000110,
  IdsInTheirRows1764000000120,
  ToSetAside1764000000130,
  BulkBatches1764000000140,
  UnsentTests1764000000150,
  OneInvitationOfAnAddress1764000000160,
  HoldingGates1764000000170,
] as const;
