import { Button, Group, Select, Stack, Text, TextInput } from '@mantine/core';
import { useForm } from '@mantine/form';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { fieldErrors } from '../../api/field-errors';
import { invitationsQuery, invite } from '../../api/members';
import type { Role } from '../../api/session';
import { useIdentity } from '../../session/identity';
import { CopyField } from '../../ui/copy-field';
import { Dialog } from '../../ui/dialog';
import { ProblemNotice } from '../../ui/problem-notice';
import { useCopyFirst } from '../../ui/use-copy-first';
import { useFocusOnRefusal } from '../../ui/use-focus-on-refusal';
import { ROLES } from './roles';

interface InviteDialogProps {
  readonly store: string;
  readonly opened: boolean;
  readonly onClose: () => void;
}

const NOBODY: { email: string; role: Role } = { email: '', role: 'viewer' };

/** While this mutation runs the dialog stays open: it will show the link, once. */
const INVITATION = ['invite'];

/** Invites somebody by mail address; the link is shown once, and is for the invited alone. */
export function InviteDialog({ store, opened, onClose }: InviteDialogProps) {
  const { close, setUncopied, notice } = useCopyFirst({
    mutationKey: INVITATION,
    what: 'link',
    warning: 'Nobody can join without it, and it is not shown again. You would have to withdraw it and invite again.',
    onClose,
  });
  return (
    <Dialog opened={opened} onClose={close} title="Invite somebody">
      {opened && (
        <Stack>
          <InviteForm store={store} onUncopied={setUncopied} onDone={close} />
          {notice}
        </Stack>
      )}
    </Dialog>
  );
}

interface InviteFormProps {
  readonly store: string;
  /** Hears whether there is a link that was not copied yet. */
  readonly onUncopied: (uncopied: boolean) => void;
  readonly onDone: () => void;
}

function InviteForm({ store, onUncopied, onDone }: InviteFormProps) {
  const queryClient = useQueryClient();
  const withIdentity = useIdentity();
  const form = useForm({ mode: 'uncontrolled', initialValues: NOBODY });
  const invitation = useMutation({
    mutationKey: INVITATION,
    mutationFn: ({ email, role }: { email: string; role: Role }) =>
      withIdentity(() => invite(store, email.trim(), role)),
    onSuccess: () => queryClient.invalidateQueries(invitationsQuery(store)),
    onError: (error) => form.setErrors(fieldErrors(error)),
  });
  const { ref } = useFocusOnRefusal(invitation.error);
  if (invitation.isSuccess)
    return <InvitationLink {...invitation.data} onCopied={() => onUncopied(false)} onDone={onDone} />;
  return (
    <form
      ref={ref}
      onSubmit={form.onSubmit((values) => invitation.mutate(values, { onSuccess: () => onUncopied(true) }))}
    >
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

interface InvitationLinkProps {
  readonly email: string;
  readonly link: string;
  readonly onCopied: () => void;
  readonly onDone: () => void;
}

function InvitationLink({ email, link, onCopied, onDone }: InvitationLinkProps) {
  return (
    <Stack>
      <Text size="sm" role="status">
        Send this link to {email}, and to nobody else: whoever opens it joins the store. It works once, and is not shown
        again.
      </Text>
      <CopyField label="Invitation link" value={link} onCopied={onCopied} />
      <Group justify="flex-end">
        <Button onClick={onDone} autoFocus>
          Done
        </Button>
      </Group>
    </Stack>
  );
}
