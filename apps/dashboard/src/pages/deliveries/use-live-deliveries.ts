import { useQueryClient } from '@tanstack/react-query';
import { useEffect, useState } from 'react';
import { deliveriesKey, deliveriesStreamUrl, type Delivery, type DeliveryFilters } from '../../api/deliveries';

/** How the live tail is: `waiting` while there is no connection, which the browser makes anew by itself. */
export type LiveState = 'off' | 'waiting' | 'live';

const KEPT_MAX = 200;
/** What is heard within this time is shown at once: a flood is one change a few times a second. */
const GATHERED_MS = 200;

/** Hears of deliveries as they are made, attempted and settled. @returns those heard of since it was switched on, newest state each */
export function useLiveDeliveries(store: string, filters: DeliveryFilters, on: boolean) {
  const queryClient = useQueryClient();
  const [connected, setConnected] = useState(false);
  const [heard, setHeard] = useState<ReadonlyMap<string, Delivery>>(new Map());
  // By their text: what is read out of an address is another object each time.
  const filterText = JSON.stringify(filters);
  useEffect(() => {
    if (!on) return;
    const wanted = JSON.parse(filterText) as DeliveryFilters;
    const stream = new EventSource(deliveriesStreamUrl(store, wanted));
    stream.addEventListener('open', () => {
      setConnected(true);
      // What happened while nobody listened is in the list.
      void queryClient.invalidateQueries({ queryKey: deliveriesKey(store, wanted) });
    });
    stream.addEventListener('error', () => setConnected(false));
    let gathered: Delivery[] = [];
    let showing: ReturnType<typeof setTimeout> | undefined;
    stream.addEventListener('delivery', ({ data }: MessageEvent<string>) => {
      gathered.push(JSON.parse(data) as Delivery);
      showing ??= setTimeout(() => {
        const added = gathered.map((delivery) => [delivery.id, delivery] as const);
        gathered = [];
        showing = undefined;
        setHeard((before) => keepNewest(new Map([...before, ...added])));
      }, GATHERED_MS);
    });
    return () => {
      clearTimeout(showing);
      stream.close();
      setConnected(false);
      setHeard(new Map());
    };
  }, [queryClient, store, filterText, on]);
  const state: LiveState = !on ? 'off' : connected ? 'live' : 'waiting';
  return { state, heard };
}

/** A page with what was heard of since it was read: what is in it as it is now and, on the newest page, what is newer before it. */
export function withHeard(
  list: readonly Delivery[],
  heard: ReadonlyMap<string, Delivery>,
  isNewest: boolean,
): readonly Delivery[] {
  if (heard.size === 0) return list;
  const known = list.map((delivery) => heard.get(delivery.id) ?? delivery);
  if (!isNewest) return known;
  const listed = new Set(list.map(({ id }) => id));
  const [newest] = list;
  // Ids are in the order of time; what is older has its place on a page that is not read yet.
  const added = [...heard.values()]
    .filter(({ id }) => !listed.has(id) && (newest === undefined || id > newest.id))
    .toSorted((a, b) => (a.id < b.id ? 1 : -1));
  return [...added, ...known];
}

function keepNewest(heard: ReadonlyMap<string, Delivery>): ReadonlyMap<string, Delivery> {
  return heard.size <= KEPT_MAX ? heard : new Map([...heard].slice(-KEPT_MAX));
}
