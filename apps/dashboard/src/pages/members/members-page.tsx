import { Button, Stack, Title } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { useIsMutating, useQuery } from '@tanstack/react-query';
import { type ReactNode, useState } from 'react';
import { invitationsQuery, type Member, membersQuery } from '../../api/members';
import { useStore } from '../../session/use-me';
import { EmptyState } from '../../ui/empty-state';
import { Icon } from '../../ui/icon';
import { Page } from '../../ui/page';
import { ProblemNotice } from '../../ui/problem-notice';
import { useFocusFallback } from '../../ui/use-focus-fallback';
import { InvitationsTable, WITHDRAWAL } from './invitations-table';
import { InviteDialog } from './invite-dialog';
import { MembersTable } from './members-table';

/** Who may see and change what in a store, and who has been asked to join. */
export function MembersPage() {
  const { key: store, name, owns } = useStore();
  const [inviting, { open, close }] = useDisclosure(false);
  const [leaving, setLeaving] = useState<Member | null>(null);
  // The button of a withdrawn invitation goes with its row.
  const withdrawing = useIsMutating({ mutationKey: WITHDRAWAL }) > 0;
  const fallback = useFocusFallback(inviting || leaving !== null || withdrawing);
  const members = useQuery(membersQuery(store));
  const invitations = useQuery(invitationsQuery(store));
  const error = members.error ?? invitations.error;
  const inviteButton = owns && (
    <Button ref={fallback} leftSection={<Icon name="plus" size={16} />} onClick={open}>
      Invite somebody
    </Button>
  );
  return (
    <Page
      title="Members"
      description={`Who has to do with ${name}. Viewers read everything but secrets, admins also manage keys and webhooks, owners also members.`}
      actions={members.data?.length === 0 ? undefined : inviteButton}
    >
      {error !== null && (
        <ProblemNotice error={error} onRetry={() => void Promise.all([members.refetch(), invitations.refetch()])} />
      )}
      {!members.isLoadingError && (
        <>
          <MembersTable
            store={store}
            members={members.data}
            empty={<NoMembers>{inviteButton}</NoMembers>}
            leaving={leaving}
            onLeaving={setLeaving}
          />
          {invitations.data !== undefined && invitations.data.length > 0 && (
            <Stack component="section" gap="xs" aria-label="Open invitations">
              <Title order={2} size="h4">
                Open invitations
              </Title>
              <InvitationsTable store={store} invitations={invitations.data} />
            </Stack>
          )}
        </>
      )}
      <InviteDialog store={store} opened={inviting} onClose={close} />
    </Page>
  );
}

function NoMembers({ children }: { children: ReactNode }) {
  return (
    <EmptyState icon="users" title="Nobody has joined yet" action={children}>
      Invite those who look after the store. An invitation is a link that works once.
    </EmptyState>
  );
}
