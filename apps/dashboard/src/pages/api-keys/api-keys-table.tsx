import { Text } from '@mantine/core';
import type { ReactNode } from 'react';
import type { ApiKey } from '../../api/api-keys';
import { useStore } from '../../session/use-me';
import { CopyButton } from '../../ui/copy-button';
import { type Column, DataTable } from '../../ui/data-table';
import { EditAndDelete } from '../../ui/edit-and-delete';
import { EmptyState } from '../../ui/empty-state';
import { MaskedSecret } from '../../ui/masked-secret';
import { readableText } from '../../ui/visible-text';
import longText from '../../ui/long-text.module.css';
import { ActivatedMark } from './activated-mark';
import { keyName } from './key-name';
import { keyState } from './key-state';
import { KeyUse } from './key-use';
import { permissionSummary } from './permissions';
import { type RevealedKey, useRevealedKey } from './use-revealed-key';

interface KeyActions {
  readonly onEdit: (apiKey: ApiKey) => void;
  readonly onDelete: (apiKey: ApiKey) => void;
}

interface ApiKeysTableProps extends KeyActions {
  readonly apiKeys: readonly ApiKey[] | undefined;
  readonly emptyAction: ReactNode;
}

/** The API keys of the store. Keys and secrets are masked; one at a time can be revealed. */
export function ApiKeysTable({ apiKeys, emptyAction, ...actions }: ApiKeysTableProps) {
  const { key: store, manages } = useStore();
  const revealed = useRevealedKey(store);
  const columns = [...DESCRIPTION, ...credentials(manages ? revealed : null), usage(store)];
  return (
    <DataTable
      label="API keys"
      wide
      columns={manages ? [...columns, actionsColumn(actions)] : columns}
      rows={apiKeys}
      rowKey={({ id }) => id}
      searchText={({ id, description, key, permissions }) => [id, description, key, ...permissions].join(' ')}
      empty={
        <EmptyState icon="key" title="No API keys yet" action={emptyAction}>
          Your order system uses a key and its secret to publish events, such as “Order Create”. Receivers use the
          secret to verify that a message is yours. Add one for each program, so that each can be turned off alone.
        </EmptyState>
      }
    />
  );
}

const DESCRIPTION: readonly Column<ApiKey>[] = [
  {
    key: 'activated',
    title: 'Activated',
    width: 100,
    sortValue: keyState,
    cell: (apiKey) => <ActivatedMark state={keyState(apiKey)} />,
  },
  {
    key: 'description',
    title: 'Description',
    heads: true,
    sortValue: ({ description }) => description,
    cell: (apiKey) => <Description apiKey={apiKey} />,
  },
];

function Description({ apiKey }: { apiKey: ApiKey }) {
  const description = readableText(apiKey.description);
  return (
    <div className={longText.text}>
      <Text size="sm" fw={550} c={description === null ? 'dimmed' : undefined} lineClamp={2}>
        {description ?? 'No description'}
      </Text>
      <Text size="xs" c="dimmed">
        {permissionSummary(apiKey)}
      </Text>
    </div>
  );
}

/** @param revealed - null for those who may not see secrets */
function credentials(revealed: RevealedKey | null): readonly Column<ApiKey>[] {
  const column = (field: 'key' | 'secret', name: string): Column<ApiKey> => ({
    key: field,
    title: name,
    cell: (apiKey) => (
      <MaskedSecret
        name={`${name} of ${keyName(apiKey)}`}
        masked={apiKey[field]}
        clear={revealed?.of(apiKey, field) ?? null}
        busy={revealed?.isAwaited(apiKey, field)}
        onToggle={revealed === null ? undefined : () => revealed.toggle(apiKey, field)}
      >
        {revealed !== null && (
          <CopyButton of={`${name} of ${keyName(apiKey)}`} text={async () => (await revealed.fetch(apiKey))[field]} />
        )}
      </MaskedSecret>
    ),
  });
  return [column('key', 'API Key'), column('secret', 'API Secret')];
}

function usage(store: string): Column<ApiKey> {
  return { key: 'use', title: 'Last used', cell: (apiKey) => <KeyUse store={store} apiKey={apiKey} /> };
}

function actionsColumn({ onEdit, onDelete }: KeyActions): Column<ApiKey> {
  return {
    key: 'actions',
    title: 'Actions',
    align: 'right',
    width: 110,
    cell: (apiKey) => (
      <EditAndDelete name={keyName(apiKey)} onEdit={() => onEdit(apiKey)} onDelete={() => onDelete(apiKey)} />
    ),
  };
}
