import { Button, Loader, Text } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { lookAtInvitation } from '../../api/session';
import { Gate } from '../gate';
import { LinkProblem } from '../link-problem';
import { useFragmentToken } from '../use-fragment-token';
import { InvitationForm } from './invitation-form';

/** Accepts an invitation to a store: with a new account, or with the one that the person has. */
export function InvitationPage() {
  const token = useFragmentToken();
  const invitation = useQuery({
    queryKey: ['invitation', token],
    queryFn: () => lookAtInvitation(token ?? ''),
    enabled: token !== null,
    staleTime: Infinity,
    gcTime: 0,
  });
  if (token === null) {
    return (
      <Gate title="Invitation">
        <Text size="sm">The link is not whole. Open it as it stands in the message that you were sent.</Text>
        <Button variant="default" renderRoot={(props) => <Link to="/sign-in" {...props} />}>
          Sign in instead
        </Button>
      </Gate>
    );
  }
  if (invitation.isPending) return <Gate title="Invitation">{<Loader aria-label="Loading" type="dots" />}</Gate>;
  if (invitation.isError) {
    return (
      <Gate title="Invitation">
        <LinkProblem error={invitation.error} onRetry={() => void invitation.refetch()}>
          An invitation works once, and for some days. Ask whoever sent it for a new one.
        </LinkProblem>
      </Gate>
    );
  }
  const { storeName, role, email } = invitation.data;
  return (
    <Gate
      title={`Join ${storeName}`}
      description={
        <>
          You, <b>{email}</b>, are invited as {role === 'viewer' ? 'a' : 'an'} <b>{role}</b>.
        </>
      }
    >
      <InvitationForm key={token} token={token} invitation={invitation.data} />
    </Gate>
  );
}
