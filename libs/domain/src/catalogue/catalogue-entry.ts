import type { Resource } from '../permissions';
import type { EventType } from './event-types';

/** A JSON object as it appears in source; schemas and samples are shown and sent, never walked by type. */
export interface JsonObject {
  readonly [name: string]: unknown;
}

/** What the catalogue says about one type of event. */
export interface CatalogueEntry {
  readonly type: EventType;
  /** For people: `Order Create`. */
  readonly title: string;
  /** When the event is published, in one sentence. */
  readonly description: string;
  readonly resource: Resource;
  /** JSON Schema 2020-12 of the event's `data`. Describes what receivers can rely on; further members are allowed. */
  readonly schema: JsonObject;
  /** A realistic `data` that fits the schema: what Send Dummy sends. */
  readonly sample: JsonObject;
}
