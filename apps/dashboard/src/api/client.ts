import createClient from 'openapi-fetch';
import { isProblem, problemFrom, unreachable } from './problem-error';
import type { components, paths } from './schema';

/** What the API's document calls its schemas. */
export type Schemas = components['schemas'];

/** The API of the server that this page came from. Every call rejects with a ProblemError unless it succeeded. */
export const api = createClient<paths>({ credentials: 'same-origin', headers: { accept: 'application/json' } });

/** Has an event `end` whenever a call finds that the session has ended. */
export const session = new EventTarget();

api.use({
  onResponse: async ({ response, schemaPath }) => {
    if (response.ok) return;
    const problem = await problemFrom(response);
    // The caller of `/api/v1/me` handles the case that nobody is signed in.
    if (isProblem(problem, 'unauthenticated') && schemaPath !== '/api/v1/me') session.dispatchEvent(new Event('end'));
    throw problem;
  },
  onError: ({ error }) => unreachable(error),
});

/** The body of the answer; undefined where the answer has none. */
export async function bodyOf<Body>(call: Promise<{ data?: Body }>): Promise<Body> {
  const { data } = await call;
  return data as Body;
}
