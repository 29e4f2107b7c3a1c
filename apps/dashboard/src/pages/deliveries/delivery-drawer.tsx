import { Drawer, Loader } from '@mantine/core';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useNavigate, useParams } from '@tanstack/react-router';
import { useEffect } from 'react';
import { deliveryQuery } from '../../api/deliveries';
import { MONOSPACE_TITLE } from '../../ui/monospace-title';
import { ProblemNotice } from '../../ui/problem-notice';
import { DeliveryDetails } from './delivery-details';

/** One delivery, beside the list; at an address of its own. */
export function DeliveryDrawer() {
  const { store, delivery: id } = useParams({ from: '/signed-in/store/$store/deliveries/$delivery' });
  const navigate = useNavigate();
  const delivery = useQuery(deliveryQuery(store, id));
  useListAsItIs(store);
  const close = () =>
    void navigate({
      to: '/store/$store/deliveries',
      params: { store },
      search: true,
      state: true,
      // Going back in the browser does not open the drawer again.
      replace: true,
      resetScroll: false,
    });
  return (
    <Drawer
      opened
      styles={MONOSPACE_TITLE}
      onClose={close}
      position="right"
      size="min(100%, 920px)"
      title={delivery.data?.eventType ?? 'Delivery'}
    >
      {delivery.isPending && <Loader type="dots" aria-label="Loading" role="status" />}
      {delivery.isError && <ProblemNotice error={delivery.error} onRetry={() => void delivery.refetch()} />}
      {delivery.data !== undefined && <DeliveryDetails key={id} store={store} delivery={delivery.data} />}
    </Drawer>
  );
}

/** Fetches the list anew once the drawer is closed: its deliveries may have changed meanwhile. */
function useListAsItIs(store: string): void {
  const queryClient = useQueryClient();
  useEffect(
    () => () => void queryClient.invalidateQueries({ queryKey: ['stores', store, 'deliveries'] }),
    [queryClient, store],
  );
}
