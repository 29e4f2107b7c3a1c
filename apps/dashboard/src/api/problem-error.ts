/** A rule that a field of a request broke. */
export interface FieldProblem {
  /** Path from the root of the body: `events[3].type`. */
  readonly field: string;
  readonly message: string;
}

/** The body of every error that the API answers (RFC 9457); also made here when there was no answer. */
export interface ProblemDocument {
  /**
   * Stable, for programs; `unreachable` when nothing answered, `unloadable` for a page without its code, `unreadable` when something other
   * than the API answered.
   */
  readonly code: string;
  /** The HTTP status; 0 when there was no answer. */
  readonly status: number;
  readonly title: string;
  readonly detail: string;
  /** Names the request in the API's log. */
  readonly instance?: string;
  readonly errors?: readonly FieldProblem[];
  /** In seconds. */
  readonly retryAfter?: number;
  /** What some codes add. */
  readonly [member: string]: unknown;
}

/** A request that did not succeed. */
export class ProblemError extends Error {
  override readonly name = 'ProblemError';

  constructor(readonly problem: ProblemDocument) {
    super(problem.detail);
  }

  get code(): string {
    return this.problem.code;
  }
}

/** Whether an error is the API's refusal of this code. */
export function isProblem(error: unknown, code: string): error is ProblemError {
  return error instanceof ProblemError && error.code === code;
}

/** Whether a request may have been done all the same: its answer was lost on the way, or a proxy answered in its place. */
export function isOutcomeUnknown(error: unknown): error is ProblemError {
  return isProblem(error, 'unreachable') || (isProblem(error, 'unreadable') && error.problem.status >= 500);
}

/** Reads an answer that is not a success. It may come from a proxy between the browser and the API. */
export async function problemFrom(response: Response): Promise<ProblemError> {
  const body: unknown = await response.json().catch(() => null);
  if (isDocument(body)) return new ProblemError({ ...body, ...retryAfter(response) });
  return new ProblemError({
    code: 'unreadable',
    status: response.status,
    title: 'Unexpected answer',
    detail: `The server answered ${response.status}, and not in the way Signpost does.`,
    ...retryAfter(response),
  });
}

/** The error for a request that got no answer. */
export function unreachable(cause: unknown): ProblemError {
  return unanswered({ code: 'unreachable', title: 'No connection', detail: 'Signpost cannot be reached.' }, cause);
}

/** The error for a page whose code the server did not give. */
export function unloadable(cause: unknown): ProblemError {
  const detail = 'Signpost cannot be reached, or has been upgraded since you opened it.';
  return unanswered({ code: 'unloadable', title: 'This page did not load', detail }, cause);
}

function unanswered(document: Pick<ProblemDocument, 'code' | 'title' | 'detail'>, cause: unknown): ProblemError {
  return Object.assign(new ProblemError({ ...document, status: 0 }), { cause });
}

function isDocument(body: unknown): body is ProblemDocument {
  return (
    typeof body === 'object' &&
    body !== null &&
    'code' in body &&
    typeof body.code === 'string' &&
    'detail' in body &&
    typeof body.detail === 'string'
  );
}

function retryAfter(response: Response): { retryAfter?: number } {
  const seconds = Number(response.headers.get('retry-after') ?? NaN);
  return Number.isFinite(seconds) ? { retryAfter: seconds } : {};
}
