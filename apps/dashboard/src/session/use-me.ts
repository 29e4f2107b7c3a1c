import { useSuspenseQuery } from '@tanstack/react-query';
import { useParams } from '@tanstack/react-router';
import { type Me, meQuery } from '../api/session';
import { accessTo, type StoreAccess } from './access';

/** The person who is signed in; for pages behind the sign-in alone. */
export function useMe(): Me {
  return useSuspenseQuery(meQuery).data;
}

/** The store of the page's address, and what the person may do there; for pages of a store alone. */
export function useStore(): StoreAccess {
  const { store = '' } = useParams({ strict: false });
  const access = accessTo(useMe(), store);
  if (access === null) throw new Error('This page is not a page of a store.');
  return access;
}
