import { Button, Code, Loader, Text } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { isSetupDue } from '../../api/session';
import { ProblemNotice } from '../../ui/problem-notice';
import { Gate } from '../gate';
import { useFragmentToken } from '../use-fragment-token';
import { SetupForm } from './setup-form';

/** Makes the first person: the operator, who runs this Signpost. */
export function SetupPage() {
  const token = useFragmentToken();
  const due = useQuery({ queryKey: ['setup'], queryFn: isSetupDue, staleTime: 0 });
  if (due.isPending) return <Gate title="Set up Signpost">{<Loader aria-label="Loading" type="dots" />}</Gate>;
  if (due.isError) {
    return (
      <Gate title="Set up Signpost">
        <ProblemNotice error={due.error} onRetry={() => void due.refetch()} />
      </Gate>
    );
  }
  if (!due.data) {
    return (
      <Gate title="Signpost is set up" description="The first account exists already; the link has done its work.">
        <Button renderRoot={(props) => <Link to="/sign-in" {...props} />}>Sign in</Button>
      </Gate>
    );
  }
  if (token === null) {
    return (
      <Gate title="Set up Signpost">
        <Text size="sm">
          Signpost printed a one-time link when it started, in its log. Open that link: it proves that this machine is
          yours. If it is gone, start Signpost again and look for <Code>/setup#token=</Code>.
        </Text>
      </Gate>
    );
  }
  return (
    <Gate title="Set up Signpost" description="Make the first account. It is the operator's, and may do everything.">
      <SetupForm token={token} />
    </Gate>
  );
}
