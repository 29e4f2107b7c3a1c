import { Page } from '../../ui/page';

/** All stores, for whoever runs Signpost. */
export function StoresPage() {
  return <Page title="Stores">…</Page>;
}
