import type { QueryClient } from '@tanstack/react-query';
import { createRoute, redirect } from '@tanstack/react-router';
import { isProblem } from '../api/problem-error';
import { type Me, meQuery } from '../api/session';
import { Shell } from '../shell/shell';
import { rootRoute } from './root-route';

/** Parent of every page behind the sign-in: leads people who are not signed in to the sign-in, and back afterwards. */
export const signedInRoute = createRoute({
  getParentRoute: () => rootRoute,
  id: 'signed-in',
  beforeLoad: async ({ context: { queryClient }, location }) => ({ me: await whoIsIt(queryClient, location.href) }),
  component: Shell,
});

async function whoIsIt(queryClient: QueryClient, address: string): Promise<Me> {
  try {
    return await queryClient.query({ ...meQuery, staleTime: 'static' });
  } catch (error) {
    if (isProblem(error, 'setup_due')) throw redirect({ to: '/setup' });
    if (!isProblem(error, 'unauthenticated')) throw error;
    throw redirect({ to: '/sign-in', search: address === '/' ? {} : { next: address } });
  }
}
