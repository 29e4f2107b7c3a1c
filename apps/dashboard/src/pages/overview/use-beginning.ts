import { useQuery } from '@tanstack/react-query';
import { type ApiKey, apiKeysQuery } from '../../api/api-keys';
import { eventsQuery } from '../../api/events';
import { type Webhook, webhooksQuery } from '../../api/webhooks';

/** How far a store has got on the way to its first delivered event. */
export interface Beginning {
  /** A key that may publish; null while there is none. */
  readonly apiKey: ApiKey | null;
  readonly webhook: Webhook | null;
  /** Whether a dummy was sent. */
  readonly tested: boolean;
  readonly published: boolean;
  readonly delivered: boolean;
}

const AGAIN_MS = 3_000;

/** How far the store has got; asks again until the first event is delivered. @returns null while that is not known */
export function useBeginning(store: string): Beginning | null {
  const published = useQuery({
    ...eventsQuery(store, { test: false }, null),
    refetchInterval: ({ state }) => (isDelivered(state.data) ? false : AGAIN_MS),
  });
  const isOver = published.data === undefined || isDelivered(published.data);
  const whileOpen = { enabled: !isOver, refetchInterval: AGAIN_MS };
  const tests = useQuery({ ...eventsQuery(store, { test: true }, null), ...whileOpen });
  const apiKeys = useQuery({ ...apiKeysQuery(store), ...whileOpen });
  const webhooks = useQuery({ ...webhooksQuery(store), ...whileOpen });
  if (published.data === undefined) return null;
  if (isOver) return { apiKey: null, webhook: null, tested: true, published: true, delivered: true };
  if (tests.data === undefined || apiKeys.data === undefined || webhooks.data === undefined) return null;
  return {
    apiKey: apiKeys.data.find(publishes) ?? null,
    webhook: webhooks.data.find(({ enabled }) => enabled) ?? null,
    tested: tests.data.data.length > 0,
    published: published.data.data.length > 0,
    delivered: false,
  };
}

interface Newest {
  readonly data: readonly { readonly deliveryCounts: { readonly delivered?: number } }[];
}

function isDelivered(newest: Newest | undefined): boolean {
  return newest?.data.some(({ deliveryCounts }) => (deliveryCounts.delivered ?? 0) > 0) === true;
}

function publishes({ activated, permissions }: ApiKey): boolean {
  return activated && permissions.some((permission) => permission.endsWith(':write'));
}
