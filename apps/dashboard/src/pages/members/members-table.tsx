import { ActionIcon, Badge, Group, Select, Text, Tooltip } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { changeRole, type Member, membersQuery, removeMember } from '../../api/members';
import { meQuery, type Role } from '../../api/session';
import { useMe, useStore } from '../../session/use-me';
import { ConfirmDialog } from '../../ui/confirm-dialog';
import { type Column, DataTable } from '../../ui/data-table';
import { Icon } from '../../ui/icon';
import longText from '../../ui/long-text.module.css';
import { RelativeTime } from '../../ui/relative-time';
import { toastDone, toastProblem } from '../../ui/toast';
import { ROLES, roleName } from './roles';

interface MembersTableProps {
  readonly store: string;
  /** Undefined while they are loaded. */
  readonly members: readonly Member[] | undefined;
  readonly empty: ReactNode;
  /** The one of whom it is asked whether they are to be removed. */
  readonly leaving: Member | null;
  readonly onLeaving: (member: Member | null) => void;
}

/** The members of a store; owners change their roles and remove them. */
export function MembersTable({ store, members, empty, leaving, onLeaving }: MembersTableProps) {
  const { owns } = useStore();
  const me = useMe();
  const queryClient = useQueryClient();
  return (
    <>
      <DataTable
        label="Members"
        columns={owns ? [...COLUMNS, roleColumn(store), removeColumn(onLeaving)] : [...COLUMNS, ROLE_COLUMN]}
        rows={members}
        rowKey={({ id }) => id}
        searchText={({ name, email, role }) => `${name} ${email} ${role}`}
        initialSorting={{ by: 'name', direction: 'ascending' }}
        empty={empty}
      />
      <ConfirmDialog
        opened={leaving !== null}
        title={`Remove ${leaving?.name ?? ''}?`}
        action="Remove"
        onConfirm={async () => {
          if (leaving === null) return;
          await removeMember(store, leaving.id);
          // Somebody who has left the store may see none of its pages.
          if (leaving.id === me.id && !me.operator) return window.location.assign('/');
          toastDone(`${leaving.name} is no member any more.`);
          await queryClient.invalidateQueries(membersQuery(store));
        }}
        onClose={() => onLeaving(null)}
      >
        <Text size="sm">
          {leaving?.email} can see nothing of the store from the next request on. An invitation lets them in again.
        </Text>
      </ConfirmDialog>
    </>
  );
}

const COLUMNS: readonly Column<Member>[] = [
  {
    key: 'name',
    title: 'Name',
    heads: true,
    sortValue: ({ name }) => name,
    cell: (member) => <Name member={member} />,
  },
  {
    key: 'since',
    title: 'Since',
    sortValue: ({ since }) => since,
    cell: ({ since }) => (
      <Text size="sm" span>
        <RelativeTime at={since} />
      </Text>
    ),
  },
];

const ROLE_COLUMN: Column<Member> = {
  key: 'role',
  title: 'Role',
  sortValue: ({ role }) => role,
  cell: ({ role }) => roleName(role),
};

function Name({ member: { id, name, email } }: { member: Member }) {
  const me = useMe();
  return (
    <div className={longText.text}>
      <Group gap="xs">
        <Text size="sm" fw={600}>
          {name}
        </Text>
        {id === me.id && <Badge color="gray">You</Badge>}
      </Group>
      <Text size="xs" c="dimmed">
        {email}
      </Text>
    </div>
  );
}

function roleColumn(store: string): Column<Member> {
  return { ...ROLE_COLUMN, cell: (member) => <RoleSelect store={store} member={member} /> };
}

function removeColumn(onRemove: (member: Member) => void): Column<Member> {
  return {
    key: 'remove',
    title: 'Actions',
    align: 'right',
    cell: (member) => (
      <Tooltip label={`Remove ${member.name}`}>
        <ActionIcon variant="subtle" color="gray" aria-label={`Remove ${member.name}`} onClick={() => onRemove(member)}>
          <Icon name="trash" />
        </ActionIcon>
      </Tooltip>
    ),
  };
}

function RoleSelect({ store, member: { id, name, role } }: { store: string; member: Member }) {
  const me = useMe();
  const queryClient = useQueryClient();
  const change = useMutation({
    mutationFn: (next: Role) => changeRole(store, id, next),
    onSuccess: (_, next) => toastDone(`${name} is ${roleName(next).toLowerCase()} now.`),
    onError: (error) => toastProblem(error),
    onSettled: () =>
      Promise.all([
        queryClient.invalidateQueries(membersQuery(store)),
        // The page offers what the person's own role allows.
        ...(id === me.id ? [queryClient.invalidateQueries(meQuery)] : []),
      ]),
  });
  return (
    <Select
      aria-label={`Role of ${name}`}
      w={120}
      size="xs"
      data={ROLES}
      allowDeselect={false}
      disabled={change.isPending}
      value={change.isPending ? change.variables : role}
      onChange={(next) => {
        if (next !== null && next !== role) change.mutate(next);
      }}
    />
  );
}
