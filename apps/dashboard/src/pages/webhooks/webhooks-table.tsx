import { Badge, Group, Stack, Text, Tooltip } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { type ApiKey, apiKeysQuery } from '../../api/api-keys';
import type { Stats } from '../../api/stats';
import { eventTypesQuery, type Webhook } from '../../api/webhooks';
import { webhookStatsQuery } from '../../api/webhook-stats';
import { useMe, useStore } from '../../session/use-me';
import { type Column, DataTable } from '../../ui/data-table';
import { EmptyState } from '../../ui/empty-state';
import { ShortId } from '../../ui/short-id';
import { UrlText } from '../../ui/url-text';
import { readableText } from '../../ui/visible-text';
import { keyName } from '../api-keys/key-name';
import { SuccessRate } from './success-rate';
import { type WebhookAct, WebhookActions } from './webhook-actions';
import { webhookLook, WebhookStatus } from './webhook-status';
import longText from '../../ui/long-text.module.css';
import classes from './webhooks-table.module.css';

interface WebhooksTableProps {
  readonly webhooks: readonly Webhook[] | undefined;
  readonly emptyAction: ReactNode;
  readonly onAct: (act: WebhookAct, webhook: Webhook) => void;
}

/** Data that the table needs in addition to the webhooks. */
interface Surroundings {
  readonly titleOf: (eventType: string) => string;
  readonly keys: readonly ApiKey[] | undefined;
  readonly stats: Stats | undefined;
}

export function WebhooksTable({ webhooks, emptyAction, onAct }: WebhooksTableProps) {
  const { key: store, manages } = useStore();
  const { portal } = useMe();
  const types = useQuery(eventTypesQuery).data;
  const keys = useQuery({ ...apiKeysQuery(store), enabled: !portal }).data;
  const stats = useQuery(webhookStatsQuery(store)).data;
  const titleOf = (eventType: string) => types?.find(({ type }) => type === eventType)?.title ?? eventType;
  // Who came by a portal link has no keys to choose from, in the form either.
  const columns = describe({ titleOf, keys, stats }).filter(({ key }) => !portal || key !== 'apiKeyId');
  const actions: Column<Webhook> = {
    key: 'actions',
    title: 'Actions',
    align: 'right',
    cell: (webhook) => <WebhookActions webhook={webhook} onAct={onAct} />,
  };
  return (
    <DataTable
      label="Webhooks"
      wide
      columns={manages ? [...columns, actions] : columns}
      rows={webhooks}
      rowKey={({ id }) => id}
      searchText={(webhook) => {
        const { id, url, description, events } = webhook;
        return [id, url, description, webhookLook(webhook).label, ...events, ...events.map(titleOf)].join(' ');
      }}
      empty={
        <EmptyState icon="webhook" title="No webhooks yet" action={emptyAction}>
          A webhook is a URL of yours that hears of what happens in the store. Choose the event types, and try it with
          “Send Dummy” before the first real order.
        </EmptyState>
      }
    />
  );
}

function describe({ titleOf, keys, stats }: Surroundings): readonly Column<Webhook>[] {
  return [
    { key: 'id', title: 'ID', cell: ({ id }) => <ShortId of="webhook" id={id} /> },
    {
      key: 'url',
      title: 'URL',
      heads: true,
      // The width that the other columns leave.
      width: '26%',
      sortValue: ({ url }) => url,
      cell: ({ url, description }) => (
        <div className={longText.text}>
          <Text size="sm" fw={550} lineClamp={3} title={url}>
            <UrlText url={url} />
          </Text>
          {readableText(description) !== null && (
            <Text size="xs" c="dimmed" lineClamp={2}>
              {readableText(description)}
            </Text>
          )}
        </div>
      ),
    },
    { key: 'events', title: 'Event type', cell: ({ events }) => <EventTypes events={events} titleOf={titleOf} /> },
    { key: 'apiKeyId', title: 'Signing key', cell: ({ apiKeyId }) => <SigningKey id={apiKeyId} keys={keys} /> },
    {
      key: 'status',
      title: 'Status',
      sortValue: (webhook) => webhookLook(webhook).label,
      cell: (webhook) => (
        <Stack gap={4} align="flex-start">
          <WebhookStatus webhook={webhook} />
          <SuccessRate webhook={webhook} stats={stats} />
        </Stack>
      ),
    },
  ];
}

const SHOWN_TYPES = 3;

function EventTypes({ events, titleOf }: { events: readonly string[]; titleOf: (eventType: string) => string }) {
  const more = events.length - SHOWN_TYPES;
  return (
    <Group gap={4} className={classes.types}>
      {events.slice(0, SHOWN_TYPES).map((event) => (
        <Badge key={event} color="gray">
          {titleOf(event)}
        </Badge>
      ))}
      {more > 0 && (
        <Tooltip label={events.slice(SHOWN_TYPES).map(titleOf).join(', ')}>
          <Text span size="xs" c="dimmed" tabIndex={0}>
            and {more} more
          </Text>
        </Tooltip>
      )}
    </Group>
  );
}

function SigningKey({ id, keys }: { id: string | null; keys: readonly ApiKey[] | undefined }) {
  const key = keys?.find((each) => each.id === id);
  return (
    <Text size="sm" className={longText.text} c={id === null ? 'dimmed' : undefined} lineClamp={2}>
      {id === null ? 'None' : key === undefined ? '—' : keyName(key)}
    </Text>
  );
}
