import { ApiProperty } from '@nestjs/swagger';
import {
  catalogueEntry,
  isEventType,
  type JsonObject,
  PERMISSIONS,
  type Permission,
  publishPermission,
  readPermission,
  type Resource,
  RESOURCES,
  SUBSCRIBABLE_EVENT_TYPES,
  subscribableEntry,
  type SubscribableEventType,
} from '@signpost/domain';
import { PageOf } from '../requests/page';

/** What webhooks can subscribe to. */
export class EventTypeView {
  @ApiProperty({ enum: SUBSCRIBABLE_EVENT_TYPES })
  type: SubscribableEventType;

  @ApiProperty({ example: 'Order Create' })
  title: string;

  @ApiProperty()
  description: string;

  @ApiProperty({ enum: RESOURCES, nullable: true, description: 'Null: Signpost itself publishes it, nobody else can.' })
  resource: Resource | null;

  @ApiProperty({ enum: PERMISSIONS, nullable: true, description: 'What an API key needs to publish it.' })
  publishPermission: Permission | null;

  @ApiProperty({ enum: PERMISSIONS, nullable: true, description: 'What an API key needs to read it back.' })
  readPermission: Permission | null;

  @ApiProperty({ type: 'object', additionalProperties: true, description: 'JSON Schema of its `data`.' })
  schema: JsonObject;

  @ApiProperty({ type: 'object', additionalProperties: true, description: 'A `data` that fits the schema.' })
  sample: JsonObject;
}

export class EventTypePage extends PageOf(EventTypeView) {}

export function eventTypeView(type: SubscribableEventType): EventTypeView {
  const { title, description, schema, sample } = subscribableEntry(type);
  const publishable = isEventType(type)
    ? {
        resource: catalogueEntry(type).resource,
        publishPermission: publishPermission(type),
        readPermission: readPermission(type),
      }
    : { resource: null, publishPermission: null, readPermission: null };
  return { type, title, description, ...publishable, schema, sample };
}
