import { Button, Text } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { invitationsQuery, type OpenInvitation, withdrawInvitation } from '../../api/members';
import { useStore } from '../../session/use-me';
import { type Column, DataTable } from '../../ui/data-table';
import longText from '../../ui/long-text.module.css';
import { RelativeTime } from '../../ui/relative-time';
import { toastDone, toastProblem } from '../../ui/toast';
import { roleName } from './roles';

interface InvitationsTableProps {
  readonly store: string;
  readonly invitations: readonly OpenInvitation[];
}

/** While this mutation runs, an invitation is being withdrawn. */
export const WITHDRAWAL = ['withdraw-invitation'];

/** Invitations that can still be accepted. */
export function InvitationsTable({ store, invitations }: InvitationsTableProps) {
  const { owns } = useStore();
  return (
    <DataTable
      label="Open invitations"
      columns={owns ? [...COLUMNS, withdrawColumn(store)] : COLUMNS}
      rows={invitations}
      rowKey={({ id }) => id}
    />
  );
}

const COLUMNS: readonly Column<OpenInvitation>[] = [
  {
    key: 'email',
    title: 'Email',
    heads: true,
    cell: ({ email }) => (
      <Text size="sm" fw={600} span className={longText.text}>
        {email}
      </Text>
    ),
  },
  { key: 'role', title: 'Role', cell: ({ role }) => roleName(role) },
  { key: 'expires', title: 'Ends', cell: ({ expiresAt }) => <RelativeTime at={expiresAt} /> },
];

function withdrawColumn(store: string): Column<OpenInvitation> {
  return {
    key: 'withdraw',
    title: 'Actions',
    align: 'right',
    cell: (invitation) => <Withdraw store={store} invitation={invitation} />,
  };
}

function Withdraw({ store, invitation: { id, email } }: { store: string; invitation: OpenInvitation }) {
  const queryClient = useQueryClient();
  const withdrawal = useMutation({
    mutationKey: WITHDRAWAL,
    mutationFn: () => withdrawInvitation(store, id),
    onSuccess: () => toastDone(`The invitation of ${email} is withdrawn.`),
    onError: (error) => toastProblem(error),
    onSettled: () => queryClient.invalidateQueries(invitationsQuery(store)),
  });
  return (
    <Button
      variant="default"
      size="xs"
      aria-label={`Withdraw the invitation of ${email}`}
      loading={withdrawal.isPending}
      onClick={() => withdrawal.mutate()}
    >
      Withdraw
    </Button>
  );
}
