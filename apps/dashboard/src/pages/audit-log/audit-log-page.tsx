import { useNavigate, useSearch } from '@tanstack/react-router';
import { readAuditSearch } from '../../routes/log-search';
import { useStore } from '../../session/use-me';
import { AUDIT_COLUMNS } from './audit-columns';
import { AuditLogView } from './audit-log-view';

/** Who did what in a store, and when. */
export function AuditLogPage() {
  const { key: store } = useStore();
  const filters = useSearch({ from: '/signed-in/store/$store/audit-log', select: readAuditSearch });
  const navigate = useNavigate();
  return (
    <AuditLogView
      store={store}
      description="Everything that people, API keys and the operator changed or looked at in clear. Nobody can change it."
      columns={AUDIT_COLUMNS}
      filters={filters}
      onFilter={(search) =>
        void navigate({ to: '/store/$store/audit-log', params: { store }, search, replace: true, resetScroll: false })
      }
    />
  );
}
