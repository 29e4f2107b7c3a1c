import { Button } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import type { DeliveryFilters } from '../../api/deliveries';
import { eventTypesQuery, webhooksQuery } from '../../api/webhooks';
import { DELIVERY_STATUSES } from '../../routes/log-search';
import { ChoiceFilter } from '../../ui/choice-filter';
import { TimeRangeFilter } from '../../ui/time-range-filter';
import { TypedFilter } from '../../ui/typed-filter';
import { ERROR_CODES } from './attempt-outcome';
import { STATUS_LOOKS } from './delivery-status-badge';

interface DeliveryFilterBarProps {
  readonly store: string;
  readonly filters: DeliveryFilters;
  readonly onChange: (filters: DeliveryFilters) => void;
}

const STATUSES = DELIVERY_STATUSES.map((value) => ({ value, label: STATUS_LOOKS[value].label }));
const CODES = Object.entries(ERROR_CODES).map(([value, label]) => ({ value, label }));

/** Narrows the log of deliveries; the address keeps how. */
export function DeliveryFilterBar({ store, filters, onChange }: DeliveryFilterBarProps) {
  const { webhookId, eventId, status, eventType, statusCode, errorCode, ...range } = filters;
  const webhooks = useQuery(webhooksQuery(store)).data ?? [];
  const eventTypes = useQuery(eventTypesQuery).data ?? [];
  const others = { webhookId, eventId, status, eventType, statusCode, errorCode };
  const narrow = (change: Partial<DeliveryFilters>) => onChange(defined({ ...filters, ...change }));
  const urls = webhooks.map(({ id, url }) => ({ value: id, label: url }));
  const types = eventTypes.map(({ type }) => ({ value: type, label: type }));
  const code = statusCode === undefined ? '' : String(statusCode);
  const chooseCode = (text: string) => narrow({ statusCode: /^[1-5]\d\d$/.test(text) ? Number(text) : undefined });
  return (
    <>
      <ChoiceFilter
        label="Status"
        width={140}
        choices={STATUSES}
        value={status}
        onChange={(chosen) => narrow({ status: chosen })}
      />
      <ChoiceFilter
        label="Webhook"
        width={210}
        choices={urls}
        value={webhookId}
        onChange={(chosen) => narrow({ webhookId: chosen })}
      />
      <ChoiceFilter
        label="Event type"
        choices={types}
        value={eventType}
        onChange={(chosen) => narrow({ eventType: chosen })}
      />
      <TypedFilter label="Status code" width={110} inputMode="numeric" value={code} onChange={chooseCode} />
      <ChoiceFilter
        label="Error"
        width={180}
        choices={CODES}
        value={errorCode}
        onChange={(chosen) => narrow({ errorCode: chosen })}
      />
      <TimeRangeFilter value={range} onChange={(next) => onChange(defined({ ...others, ...next }))} />
      {eventId !== undefined && (
        <Button variant="light" onClick={() => narrow({ eventId: undefined })}>
          Only of one event ×
        </Button>
      )}
      <ClearFilters shown={Object.keys(filters).length > 0} onClear={() => onChange({})} />
    </>
  );
}

function ClearFilters({ shown, onClear }: { shown: boolean; onClear: () => void }) {
  if (!shown) return null;
  return (
    <Button variant="subtle" onClick={onClear}>
      Clear filters
    </Button>
  );
}

function defined(filters: DeliveryFilters): DeliveryFilters {
  return Object.fromEntries(Object.entries(filters).filter(([, value]) => value !== undefined));
}
