import createClient from 'openapi-fetch';
import { problemFrom, unreachable } from './problem-error';
import type { components, paths } from './schema';

/** What the API's document calls its schemas. */
export type Schemas = components['schemas'];

/** The API of the server that this page came from. Every call of it rejects with a ProblemError when it was no success. */
export const api = createClient<paths>({ credentials: 'same-origin', headers: { accept: 'application/json' } });

api.use({
  onResponse: async ({ response }) => {
    if (!response.ok) throw await problemFrom(response);
  },
  onError: ({ error }) => unreachable(error),
});

/** What a call was answered with; nothing where the answer has no body. */
export async function bodyOf<Body>(call: Promise<{ data?: Body }>): Promise<Body> {
  const { data } = await call;
  return data as Body;
}
