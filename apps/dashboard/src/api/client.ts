import createClient from 'openapi-fetch';
import { isProblem, problemFrom, unreachable } from './problem-error';
import type { components, paths } from './schema';

/** What the API's document calls its schemas. */
export type Schemas = components['schemas'];

/** The API of the server that this page came from. Every call of it rejects with a ProblemError when it was no success. */
export const api = createClient<paths>({ credentials: 'same-origin', headers: { accept: 'application/json' } });

/** Has an event `end` whenever a call finds that the session has ended. */
export const session = new EventTarget();

api.use({
  onResponse: async ({ response, schemaPath }) => {
    if (response.ok) return;
    const problem = await problemFrom(response);
    // Whoever asks who is signed in knows what to do when nobody is.
    if (isProblem(problem, 'unauthenticated') && schemaPath !== '/api/v1/me') session.dispatchEvent(new Event('end'));
    throw problem;
  },
  onError: ({ error }) => unreachable(error),
});

/** What a call was answered with; nothing where the answer has no body. */
export async function bodyOf<Body>(call: Promise<{ data?: Body }>): Promise<Body> {
  const { data } = await call;
  return data as Body;
}
