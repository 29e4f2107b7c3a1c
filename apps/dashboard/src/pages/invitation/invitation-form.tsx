import { Button, Stack, Text } from '@mantine/core';
import { useForm } from '@mantine/form';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { fieldErrors } from '../../api/field-errors';
import { isProblem } from '../../api/problem-error';
import { acceptInvitation, type Invitation, meQuery, signOut } from '../../api/session';
import { newPasswordProblem } from '../../session/new-password';
import { ProblemNotice } from '../../ui/problem-notice';
import { useFocusOnRefusal } from '../../ui/use-focus-on-refusal';
import { PersonFields } from '../person-fields';

interface InvitationFormProps {
  readonly token: string;
  readonly invitation: Invitation;
}

/** Somebody who has an account joins with a click; anybody else chooses a name and a password. */
export function InvitationForm({ token, invitation: { knownPerson } }: InvitationFormProps) {
  const navigate = useNavigate();
  const queryClient = useQueryClient();
  const form = useForm({
    mode: 'uncontrolled',
    initialValues: { name: '', password: '' },
    validate: knownPerson ? {} : { password: newPasswordProblem },
  });
  const joining = useMutation({
    mutationFn: async (person: { name: string; password: string }) => {
      await acceptInvitation(knownPerson ? { token } : { token, ...person });
      await queryClient.resetQueries(meQuery);
      await navigate({ to: '/', replace: true });
    },
    onError: (error) => form.setErrors(fieldErrors(error)),
  });
  const { ref, refused } = useFocusOnRefusal(joining.error, joining.reset);
  return (
    <form ref={ref} onSubmit={form.onSubmit((person) => joining.mutate(person), refused)}>
      <Stack>
        {knownPerson ? (
          <Text size="sm">Your account gets the store beside those that it has.</Text>
        ) : (
          <PersonFields form={form} />
        )}
        {joining.isError && <ProblemNotice error={joining.error} />}
        {isProblem(joining.error, 'forbidden') && (
          // In a new tab, because the token of this page is kept nowhere else.
          <Button
            variant="default"
            component="a"
            href="/sign-in"
            target="_blank"
            onClick={() => void signOut('here').catch(() => undefined)}
            fullWidth
          >
            Sign out, and sign in as who was invited
          </Button>
        )}
        <Button type="submit" loading={joining.isPending} fullWidth>
          Join
        </Button>
      </Stack>
    </form>
  );
}
