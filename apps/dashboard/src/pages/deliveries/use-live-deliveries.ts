import { useQueryClient } from '@tanstack/react-query';
import { useEffect, useState } from 'react';
import { deliveriesKey, deliveriesStreamUrl, type Delivery, type DeliveryFilters } from '../../api/deliveries';
import type { Heard } from './with-heard';

/** How the live tail is: `waiting` while there is no connection, which is made anew until there is. */
export type LiveState = 'off' | 'waiting' | 'live';

const KEPT_MAX = 200;
/** What is heard within this time is shown at once: a flood is one change a few times a second. */
const GATHERED_MS = 200;
/** A browser comes back by itself when a connection breaks, but not when it is refused by an answer. */
const REFUSED_MS = 3_000;

/** Hears of deliveries as they are made, attempted and settled. @returns those heard of since it was switched on, newest state each */
export function useLiveDeliveries(store: string, filters: DeliveryFilters, on: boolean) {
  const queryClient = useQueryClient();
  const [connected, setConnected] = useState(false);
  const [heard, setHeard] = useState<ReadonlyMap<string, Heard>>(new Map());
  // By their text: what is read out of an address is another object each time.
  const filterText = JSON.stringify(filters);
  useEffect(() => {
    if (!on) return;
    const wanted = JSON.parse(filterText) as DeliveryFilters;
    let gathered: Heard[] = [];
    let showing: ReturnType<typeof setTimeout> | undefined;
    const show = () => {
      const added = gathered.map((one) => [one.delivery.id, one] as const);
      gathered = [];
      showing = undefined;
      setHeard((before) => keepNewest(new Map([...before, ...added])));
    };
    const hangUp = watch(deliveriesStreamUrl(store, wanted), {
      onOpen: () => {
        setConnected(true);
        // What happened while nobody listened is in the list.
        void queryClient.invalidateQueries({ queryKey: deliveriesKey(store, wanted) });
      },
      onLost: () => setConnected(false),
      onDelivery: (delivery) => {
        gathered.push({ delivery, atMs: Date.now() });
        showing ??= setTimeout(show, GATHERED_MS);
      },
    });
    return () => {
      clearTimeout(showing);
      hangUp();
      setConnected(false);
      setHeard(new Map());
    };
  }, [queryClient, store, filterText, on]);
  const state: LiveState = !on ? 'off' : connected ? 'live' : 'waiting';
  return { state, heard };
}

function keepNewest(heard: ReadonlyMap<string, Heard>): ReadonlyMap<string, Heard> {
  return heard.size <= KEPT_MAX ? heard : new Map([...heard].slice(-KEPT_MAX));
}

interface Watcher {
  readonly onOpen: () => void;
  readonly onLost: () => void;
  readonly onDelivery: (delivery: Delivery) => void;
}

/** Listens to a live tail, and comes back to it whatever ends it. @returns what ends the listening */
function watch(url: string, { onOpen, onLost, onDelivery }: Watcher): () => void {
  let stream: EventSource;
  let again: ReturnType<typeof setTimeout>;
  const listen = () => {
    stream = new EventSource(url);
    stream.addEventListener('open', onOpen);
    stream.addEventListener('delivery', ({ data }: MessageEvent<string>) => onDelivery(JSON.parse(data) as Delivery));
    stream.addEventListener('error', () => {
      onLost();
      if (stream.readyState === EventSource.CLOSED) again = setTimeout(listen, REFUSED_MS);
    });
  };
  listen();
  return () => {
    clearTimeout(again);
    stream.close();
  };
}
