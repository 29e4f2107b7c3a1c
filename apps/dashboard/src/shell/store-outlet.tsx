import { useQuery } from '@tanstack/react-query';
import { Outlet, useParams } from '@tanstack/react-router';
import { isProblem } from '../api/problem-error';
import { storeQuery } from '../api/stores';
import { accessTo } from '../session/access';
import { useMe } from '../session/use-me';
import { MissingPage } from './page-boundary';

/** The place of a store's page, until the person's role in the store is taken away or the store is deleted. */
export function StoreOutlet() {
  const { store = '' } = useParams({ strict: false });
  const me = useMe();
  // An operator has a role in every store, also in one that is gone: the API has to be asked.
  const { error } = useQuery({ ...storeQuery(store), enabled: me.operator });
  return accessTo(me, store) === null || isProblem(error, 'not_found') ? <MissingPage /> : <Outlet />;
}
