import { ActionIcon, Anchor, Button, Code, Text, Tooltip } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useState } from 'react';
import { type Store, storesQuery } from '../../api/stores';
import { type Column, DataTable } from '../../ui/data-table';
import { EmptyState } from '../../ui/empty-state';
import { Icon } from '../../ui/icon';
import longText from '../../ui/long-text.module.css';
import { Page } from '../../ui/page';
import { ProblemNotice } from '../../ui/problem-notice';
import { RelativeTime } from '../../ui/relative-time';
import { useFocusFallback } from '../../ui/use-focus-fallback';
import { CreateStoreDialog } from './create-store-dialog';
import { DeleteStoreDialog } from './delete-store-dialog';

/** All stores, for whoever runs Signpost. */
export function StoresPage() {
  const stores = useQuery(storesQuery);
  const [creating, { open, close }] = useDisclosure(false);
  const [leaving, setLeaving] = useState<Store | null>(null);
  const addButton = useFocusFallback(creating || leaving !== null);
  const createButton = (
    <Button ref={addButton} leftSection={<Icon name="plus" size={16} />} onClick={open}>
      Create a store
    </Button>
  );
  return (
    <Page
      title="Stores"
      description="Each has its own API keys, webhooks, events and members."
      actions={stores.data?.length === 0 ? undefined : createButton}
    >
      {stores.isError && <ProblemNotice error={stores.error} onRetry={() => void stores.refetch()} />}
      {!stores.isLoadingError && (
        <DataTable
          label="Stores"
          columns={[...COLUMNS, deleteColumn(setLeaving)]}
          rows={stores.data}
          rowKey={({ id }) => id}
          searchText={({ key, name }) => `${key} ${name}`}
          initialSorting={{ by: 'name', direction: 'ascending' }}
          empty={
            <EmptyState icon="building-store" title="No stores yet" action={createButton}>
              A store is who events are of, and who gets them: a shop, a customer, a tenant.
            </EmptyState>
          }
        />
      )}
      <CreateStoreDialog opened={creating} onClose={close} />
      <DeleteStoreDialog store={leaving} onClose={() => setLeaving(null)} />
    </Page>
  );
}

const COLUMNS: readonly Column<Store>[] = [
  {
    key: 'name',
    title: 'Name',
    heads: true,
    sortValue: ({ name }) => name,
    cell: ({ key, name }) => (
      <Anchor
        size="sm"
        fw={600}
        className={longText.text}
        renderRoot={(props) => <Link to="/store/$store" params={{ store: key }} {...props} />}
      >
        {name}
      </Anchor>
    ),
  },
  {
    key: 'key',
    title: 'Key',
    sortValue: ({ key }) => key,
    cell: ({ key }) => <Code className={longText.text}>{key}</Code>,
  },
  {
    key: 'created',
    title: 'Created',
    align: 'right',
    sortValue: ({ createdAt }) => createdAt,
    cell: ({ createdAt }) => (
      <Text size="sm" span>
        <RelativeTime at={createdAt} />
      </Text>
    ),
  },
];

function deleteColumn(onDelete: (store: Store) => void): Column<Store> {
  return {
    key: 'delete',
    title: 'Actions',
    align: 'right',
    cell: (store) => (
      <Tooltip label={`Delete ${store.name}`}>
        <ActionIcon variant="subtle" color="red" aria-label={`Delete ${store.name}`} onClick={() => onDelete(store)}>
          <Icon name="trash" />
        </ActionIcon>
      </Tooltip>
    ),
  };
}
