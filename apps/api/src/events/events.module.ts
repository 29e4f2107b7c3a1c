import { Module } from '@nestjs/common';
import { DatabaseClock, PgEventLog, SqlClient } from '@signpost/database';
import { Publisher } from '@signpost/delivery';
import { BullJobQueue } from '@signpost/queue';
import { Registry } from 'prom-client';
import { DeliveriesModule } from '../deliveries/deliveries.module';
import { LongBodies } from '../requests/long-bodies';
import { EventPublishing } from './event-publishing';
import { EventsController } from './events.controller';
import { PublishController } from './publish.controller';
import { PublishRequests } from './publish-requests';
import { PublishShortcut } from './publish-shortcut';
import { PublisherMetrics } from './publisher-metrics';

@Module({
  imports: [DeliveriesModule],
  controllers: [PublishController, EventsController],
  providers: [
    LongBodies,
    PublishRequests,
    PublishShortcut,
    {
      provide: EventPublishing,
      inject: [SqlClient, BullJobQueue, Registry, DatabaseClock],
      useFactory: (sql: SqlClient, queue: BullJobQueue, registry: Registry, clock: DatabaseClock) =>
        new EventPublishing(
          new Publisher(new PgEventLog(sql), queue, new PublisherMetrics(registry), () => clock.nowMs()),
        ),
    },
  ],
})
export class EventsModule {}
