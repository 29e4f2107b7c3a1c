import { useQueryClient } from '@tanstack/react-query';
import { useEffect, useState } from 'react';
import { deliveriesKey, deliveriesStreamUrl, type Delivery, type DeliveryFilters } from '../../api/deliveries';
import type { Heard } from './with-heard';

/** The state of the live tail: `waiting` while there is no connection and one is being made. */
export type LiveState = 'off' | 'waiting' | 'live';

const KEPT_MAX = 200;
/** Changes within this time are shown together, so that a flood redraws the page a few times a second only. */
const GATHERED_MS = 200;
/** When to connect again after a refusal. The browser itself does so when a connection breaks, but not when an answer refuses it. */
const REFUSED_MS = 3_000;

/**
 * Hears of deliveries as they are made, attempted and settled. @returns those it heard of since it was switched on, each in its newest
 * state
 */
export function useLiveDeliveries(store: string, filters: DeliveryFilters, on: boolean) {
  const queryClient = useQueryClient();
  const [connected, setConnected] = useState(false);
  const [heard, setHeard] = useState<ReadonlyMap<string, Heard>>(new Map());
  // Compared by their text, because filters read out of an address are a new object each time.
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
        // The list has what happened while there was no connection.
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

/** Listens to a live tail, and connects again whatever ends the connection. @returns a function that ends the listening */
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
