import { readFile } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';
import { SignpostClient } from '@signpost/client';
import { readObjectMembers } from '@signpost/domain';
import type { OperatorApi } from '../operator-api';
import type { Demo } from './ensure-demo';

export interface FirstOrder {
  readonly api: OperatorApi;
  readonly demo: Demo;
  /** The body of a request that publishes it. */
  readonly file: string;
  readonly shownFile: string;
  /** The body of the verified webhook with this id; may be called before the webhook has come. */
  readonly receivedBody: (eventId: string) => Promise<string>;
  readonly say: (line: string) => void;
  readonly stop: AbortSignal;
}

interface Delivery {
  readonly id: string;
  readonly status: string;
  readonly attempts: readonly {
    readonly durationMs: number;
    readonly response: { readonly statusCode: number } | null;
    readonly error: { readonly message: string } | null;
  }[];
}

const POLL_MS = 25;
const PATIENCE_MS = 30_000;

/**
 * Publishes one order as its store would, and tells step by step what happens to it, until it is delivered and on record.
 *
 * @returns the event's id
 */
export async function deliverFirstOrder(order: FirstOrder): Promise<string> {
  const { api, demo, say, stop } = order;
  const body = await readFile(order.file, 'utf8');
  const client = new SignpostClient({ ...demo, baseUrl: api.url });
  const startedMs = performance.now();
  const { id, type } = await client.publishBody(body, { signal: stop });
  const bytes = Buffer.byteLength(body);
  say(`published  ${type} from ${order.shownFile}, ${bytes} bytes → 202 in ${since(startedMs)}, ${id}`);
  const delivery = await settledDelivery(api, demo, id, stop);
  const attempt = delivery?.attempts.at(-1);
  const response = attempt?.response ?? null;
  if (delivery?.status !== 'delivered' || attempt === undefined || response === null) {
    const reason = attempt?.error?.message ?? 'no attempt has been recorded yet.';
    say(`waiting    The order is not delivered yet: ${reason} Signpost keeps trying.`);
    return id;
  }
  say(
    `delivered  ${response.statusCode} in ${round(attempt.durationMs)} ms, on record ${since(startedMs)} after it was published`,
  );
  if (dataOf(await order.receivedBody(id)) === dataOf(body)) {
    say('unchanged  the data arrived byte for byte, its 64-bit id and 10.00 too ✓');
  }
  return id;
}

/** The delivery of the event to the demo's webhook, once it is settled; unsettled when patience ends. */
async function settledDelivery(api: OperatorApi, demo: Demo, eventId: string, stop: AbortSignal) {
  const path = `/api/v1/stores/${demo.store}/deliveries`;
  const lastMs = performance.now() + PATIENCE_MS;
  for (;;) {
    stop.throwIfAborted();
    const { data } = await api.get<{ data: Delivery[] }>(`${path}?eventId=${eventId}&webhookId=${demo.webhookId}`);
    const [found] = data;
    const isOnItsWay = found === undefined || found.status === 'queued' || found.status === 'retrying';
    if (!isOnItsWay || performance.now() > lastMs) {
      return found === undefined ? null : api.get<Delivery>(`${path}/${found.id}`);
    }
    await delay(POLL_MS);
  }
}

function dataOf(text: string): string | undefined {
  const body = readObjectMembers(text);
  return body.kind === 'ok' ? body.members.get('data') : undefined;
}

function since(startedMs: number): string {
  return `${round(performance.now() - startedMs)} ms`;
}

function round(timeMs: number): number {
  return Math.max(1, Math.round(timeMs));
}
