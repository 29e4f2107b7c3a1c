import { problemFrom, unreachable } from './problem-error';

/**
 * Calls the API at a path below `/api/v1`, as the person who is signed in.
 *
 * @returns what the answer's body holds; undefined when it has none
 * @throws ProblemError when it was no success
 */
export async function request<Body>(method: string, path: string, body?: object): Promise<Body> {
  const response = await fetch(`/api/v1${path}`, {
    method,
    credentials: 'same-origin',
    headers: { accept: 'application/json', ...(body === undefined ? {} : { 'content-type': 'application/json' }) },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  }).catch((error: unknown) => {
    throw unreachable(error);
  });
  if (!response.ok) throw await problemFrom(response);
  return (response.status === 204 ? undefined : await response.json()) as Body;
}
