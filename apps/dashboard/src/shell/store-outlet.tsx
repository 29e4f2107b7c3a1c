import { Outlet, useParams } from '@tanstack/react-router';
import { accessTo } from '../session/access';
import { useMe } from '../session/use-me';
import { MissingPage } from './page-boundary';

/** The place of a store's page, until the person's role in the store is taken away or the store is deleted. */
export function StoreOutlet() {
  const { store = '' } = useParams({ strict: false });
  return accessTo(useMe(), store) === null ? <MissingPage /> : <Outlet />;
}
