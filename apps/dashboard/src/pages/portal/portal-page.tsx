import { Loader, Text } from '@mantine/core';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { Navigate } from '@tanstack/react-router';
import { meQuery, openPortal } from '../../api/session';
import { Gate } from '../gate';
import { LinkProblem } from '../link-problem';
import { useFragmentToken } from '../use-fragment-token';

const ANEW = 'A link works once, and for a short time. Go back to where you came from and open it anew.';

/** Lets somebody in who comes from the store's own software, by a link that works once. */
export function PortalPage() {
  const token = useFragmentToken();
  const queryClient = useQueryClient();
  const portal = useQuery({
    queryKey: ['portal', token],
    queryFn: async () => {
      const storeKey = await openPortal(token ?? '');
      await queryClient.resetQueries(meQuery);
      return storeKey;
    },
    enabled: token !== null,
    staleTime: Infinity,
    gcTime: 0,
    retry: false,
  });
  if (portal.isSuccess) return <Navigate to="/store/$store" params={{ store: portal.data }} replace />;
  return (
    <Gate title="Webhooks of your store">
      {token !== null && portal.isPending && <Loader aria-label="Opening" role="status" type="dots" />}
      {token === null && <Text size="sm">{ANEW}</Text>}
      {portal.isError && (
        <LinkProblem error={portal.error} onRetry={() => void portal.refetch()}>
          {ANEW}
        </LinkProblem>
      )}
    </Gate>
  );
}
