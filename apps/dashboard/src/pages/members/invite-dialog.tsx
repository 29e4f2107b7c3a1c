import { Button, Group, Modal, Select, Stack, Text, TextInput } from '@mantine/core';
import { useForm } from '@mantine/form';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { fieldErrors } from '../../api/field-errors';
import { invitationsQuery, invite } from '../../api/members';
import type { Role } from '../../api/session';
import { useIdentity } from '../../session/identity';
import { CodeBlock } from '../../ui/code-block';
import { ProblemNotice } from '../../ui/problem-notice';
import { useUnderWay } from '../../ui/use-under-way';
import { ROLES } from './roles';

interface InviteDialogProps {
  readonly store: string;
  readonly opened: boolean;
  readonly onClose: () => void;
}

/** Known to the dialog, which stays while somebody is being invited: the link is shown in it, once. */
const INVITATION = ['invite'];

/** Invites somebody by mail address; the link is shown once, and is for the invited alone. */
export function InviteDialog({ store, opened, onClose }: InviteDialogProps) {
  const isInviting = useUnderWay(INVITATION);
  const close = () => {
    if (!isInviting()) onClose();
  };
  return (
    <Modal opened={opened} onClose={close} title="Invite somebody" returnFocus>
      {opened && <InviteForm store={store} onDone={close} />}
    </Modal>
  );
}

function InviteForm({ store, onDone }: { store: string; onDone: () => void }) {
  const queryClient = useQueryClient();
  const withIdentity = useIdentity();
  const form = useForm<{ email: string; role: Role }>({
    mode: 'uncontrolled',
    initialValues: { email: '', role: 'viewer' },
  });
  const invitation = useMutation({
    mutationKey: INVITATION,
    mutationFn: ({ email, role }: { email: string; role: Role }) =>
      withIdentity(() => invite(store, email.trim(), role)),
    onSuccess: () => queryClient.invalidateQueries(invitationsQuery(store)),
    onError: (error) => form.setErrors(fieldErrors(error)),
  });
  if (invitation.isSuccess) return <InvitationLink {...invitation.data} onDone={onDone} />;
  return (
    <form onSubmit={form.onSubmit((values) => invitation.mutate(values))}>
      <Stack>
        <TextInput
          label="Email"
          type="email"
          required
          withAsterisk={false}
          data-autofocus
          key={form.key('email')}
          {...form.getInputProps('email')}
        />
        <Select
          label="Role"
          data={ROLES}
          allowDeselect={false}
          key={form.key('role')}
          {...form.getInputProps('role')}
        />
        {invitation.isError && <ProblemNotice error={invitation.error} />}
        <Group justify="flex-end">
          <Button variant="default" onClick={onDone}>
            Cancel
          </Button>
          <Button type="submit" loading={invitation.isPending}>
            Invite
          </Button>
        </Group>
      </Stack>
    </form>
  );
}

function InvitationLink({ email, link, onDone }: { email: string; link: string; onDone: () => void }) {
  return (
    <Stack>
      <Text size="sm" role="status">
        Send this link to {email}, and to nobody else: whoever opens it joins the store. It works once, and is not shown
        again.
      </Text>
      <CodeBlock name="invitation link" text={link} />
      <Group justify="flex-end">
        <Button onClick={onDone} autoFocus>
          Done
        </Button>
      </Group>
    </Stack>
  );
}
