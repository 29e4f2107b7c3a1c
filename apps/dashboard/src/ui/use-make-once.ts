import { type QueryKey, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { type Listed, makeOnce } from '../api/make-once';

/**
 * {@link makeOnce} for a dialog: it remembers what there was when the person first saved.
 *
 * @param queryKey - under which the page keeps the list
 * @param read - reads the list anew
 */
export function useMakeOnce<Item extends Listed>(queryKey: QueryKey, read: () => Promise<readonly Item[]>) {
  const queryClient = useQueryClient();
  const [once] = useState(() => makeOnce({ known: () => queryClient.getQueryData<readonly Item[]>(queryKey), read }));
  return once;
}
