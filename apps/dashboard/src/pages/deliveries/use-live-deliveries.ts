import { useQueryClient } from '@tanstack/react-query';
import { useEffect, useState } from 'react';
import { deliveriesQuery, deliveriesStreamUrl, type Delivery, type DeliveryFilters } from '../../api/deliveries';

/** How the live tail is: `waiting` while there is no connection, which the browser makes anew by itself. */
export type LiveState = 'off' | 'waiting' | 'live';

const KEPT_MAX = 200;

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
      void queryClient.invalidateQueries(deliveriesQuery(store, wanted));
    });
    stream.addEventListener('error', () => setConnected(false));
    stream.addEventListener('delivery', ({ data }: MessageEvent<string>) => {
      const delivery = JSON.parse(data) as Delivery;
      setHeard((before) => keepNewest(new Map(before).set(delivery.id, delivery)));
    });
    return () => {
      stream.close();
      setConnected(false);
      setHeard(new Map());
    };
  }, [queryClient, store, filterText, on]);
  const state: LiveState = !on ? 'off' : connected ? 'live' : 'waiting';
  return { state, heard };
}

/** The list with what was heard of since it was read: what is in it as it is now, what is newer before it. */
export function withHeard(list: readonly Delivery[], heard: ReadonlyMap<string, Delivery>): readonly Delivery[] {
  if (heard.size === 0) return list;
  const listed = new Set(list.map(({ id }) => id));
  const [newest] = list;
  // Ids are in the order of time; what is older has its place on a page that is not read yet.
  const added = [...heard.values()]
    .filter(({ id }) => !listed.has(id) && (newest === undefined || id > newest.id))
    .toSorted((a, b) => (a.id < b.id ? 1 : -1));
  return [...added, ...list.map((delivery) => heard.get(delivery.id) ?? delivery)];
}

function keepNewest(heard: ReadonlyMap<string, Delivery>): ReadonlyMap<string, Delivery> {
  return heard.size <= KEPT_MAX ? heard : new Map([...heard].slice(-KEPT_MAX));
}
