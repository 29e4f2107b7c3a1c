import { Text } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useNavigate, useSearch } from '@tanstack/react-router';
import type { AuditEntry } from '../../api/audit-log';
import { storesQuery } from '../../api/stores';
import { readAuditSearch } from '../../routes/log-search';
import type { Column } from '../../ui/data-table';
import longText from '../../ui/long-text.module.css';
import { ShortId } from '../../ui/short-id';
import { AUDIT_COLUMNS } from './audit-columns';
import { AuditLogView } from './audit-log-view';

/** Who did what in all stores, in those that are gone, and outside of any: for whoever runs Signpost. */
export function WholeAuditLogPage() {
  const filters = useSearch({ from: '/signed-in/operator/audit-log', select: readAuditSearch });
  const navigate = useNavigate();
  return (
    <AuditLogView
      store={null}
      description="Everything that was changed or looked at in clear, in every store, in deleted ones too, and outside of any."
      columns={COLUMNS}
      filters={filters}
      onFilter={(search) => void navigate({ to: '/audit-log', search, replace: true, resetScroll: false })}
    />
  );
}

const STORE_COLUMN: Column<AuditEntry> = {
  key: 'store',
  title: 'Store',
  cell: ({ storeId }) => (storeId === null ? null : <StoreName id={storeId} />),
};
const COLUMNS = AUDIT_COLUMNS.flatMap((column) => (column.key === 'changes' ? [STORE_COLUMN, column] : [column]));

/** A store that was deleted has no name any more. */
function StoreName({ id }: { id: string }) {
  const stores = useQuery(storesQuery);
  const store = stores.data?.find((each) => each.id === id);
  if (store === undefined) return <ShortId of="store" id={id} />;
  return (
    <Text size="sm" span className={longText.text}>
      {store.name}
    </Text>
  );
}
