import { Drawer, Loader } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useNavigate, useParams } from '@tanstack/react-router';
import { deliveryQuery } from '../../api/deliveries';
import { ProblemNotice } from '../../ui/problem-notice';
import { DeliveryDetails } from './delivery-details';

import { MONOSPACE_TITLE } from '../../ui/monospace-title';

/** One delivery, beside the list; at an address of its own. */
export function DeliveryDrawer() {
  const { store, delivery: id } = useParams({ from: '/signed-in/store/$store/deliveries/$delivery' });
  const navigate = useNavigate();
  const delivery = useQuery(deliveryQuery(store, id));
  const close = () =>
    void navigate({ to: '/store/$store/deliveries', params: { store }, search: true, resetScroll: false });
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
      {delivery.isSuccess && <DeliveryDetails key={id} store={store} delivery={delivery.data} />}
    </Drawer>
  );
}
