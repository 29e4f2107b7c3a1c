import { type DynamicModule, Module } from '@nestjs/common';
import { AccessModule } from './access/access.module';
import { ApiKeysModule } from './api-keys/api-keys.module';
import { AuditLogModule } from './audit-log/audit-log.module';
import { DashboardModule } from './dashboard/dashboard.module';
import { DeliveriesModule } from './deliveries/deliveries.module';
import { EventTypesModule } from './event-types/event-types.module';
import { EventsModule } from './events/events.module';
import { KeyUsageModule } from './key-usage/key-usage.module';
import { HealthModule } from './health/health.module';
import { LiveTailModule } from './live-tail/live-tail.module';
import { PeopleModule } from './people/people.module';
import { PlatformModule, type PlatformValues } from './platform/platform.module';
import { RecoveriesModule } from './recoveries/recoveries.module';
import { StatsModule } from './stats/stats.module';
import { StoresModule } from './stores/stores.module';
import { SystemModule } from './system/system.module';
import { TestSendsModule } from './test-sends/test-sends.module';
import { WebhooksModule } from './webhooks/webhooks.module';

/** The API: every feature is a module of its own, on one platform. */
@Module({})
export class AppModule {
  static forRoot(values: PlatformValues): DynamicModule {
    return {
      module: AppModule,
      imports: [
        PlatformModule.forRoot(values),
        AccessModule,
        HealthModule,
        StoresModule,
        ApiKeysModule,
        KeyUsageModule,
        WebhooksModule,
        EventTypesModule,
        EventsModule,
        DeliveriesModule,
        LiveTailModule,
        StatsModule,
        RecoveriesModule,
        TestSendsModule,
        AuditLogModule,
        SystemModule,
        PeopleModule,
        DashboardModule,
      ],
    };
  }
}
