import { inWordsOfForms } from './field-errors';
import { isOutcomeUnknown, type ProblemDocument, ProblemError } from './problem-error';

/** An error as a person is told of it. */
export interface Notice {
  /** What happened, in a few words. */
  readonly title: string;
  /** What happened, in a sentence. */
  readonly detail: string;
  /** What to do. */
  readonly advice: string;
  /** The id by which an operator finds the request in the log; null where the advice is enough. */
  readonly reference: string | null;
}

const ADVICE: Readonly<Record<string, string>> = {
  validation_failed: 'Correct the fields that are marked, and save again.',
  unauthenticated: 'Sign in, then try again.',
  forbidden: 'Ask an owner of the store for the role that this needs.',
  not_found: 'It may have been deleted meanwhile.',
  conflict: 'Somebody changed it at the same time. Reload, look, and try again.',
  already_exists: 'Choose another name.',
  last_owner: 'Invite another owner, or make a member one.',
  no_active_api_key: 'Add an API key, or activate one, under Settings → API.',
  webhook_disabled: 'Enable the webhook first.',
  api_key_in_use: 'See which ones, then choose another key there, or delete this one once more.',
  payload_too_large: 'Make the payload smaller.',
  recent_sign_in_required: 'Confirm that it is you, then it goes on.',
  unloadable: 'Check your connection, then try again.',
  worker_unavailable: 'No worker took it in time. See whether one runs, then send it again.',
};

/** What is said of some codes when nothing was to be changed. */
const ADVICE_TO_READERS: Readonly<Record<string, string>> = {
  validation_failed: 'Clear the filters, or correct the address of this page.',
};

/** Said when there was no answer, to those who were doing this. */
const UNANSWERED = {
  reading: 'Check your connection, then try again.',
  making: 'Check your connection, then save again. If it was saved already, it is not made twice.',
  sending: 'Check your connection. It may have been sent all the same.',
  changing: 'Check your connection. What you were changing may be changed all the same: look before you try it again.',
} as const;

/** The API speaks of credentials, which a person has never seen. */
const SIGNED_OUT = { title: 'You are signed out', detail: 'Your session has ended.' };

const BY_STATUS: Readonly<Record<number, string>> = {
  429: 'Wait a moment, then try again.',
  503: 'This passes by itself as a rule. Try again in a moment.',
};

/** What was to be done. */
export type Doing = keyof typeof UNANSWERED;

/** What happened and what to do about it, for any error. */
export function noticeOf(error: unknown, doing: Doing = 'changing'): Notice {
  if (!(error instanceof ProblemError)) {
    return {
      title: 'Something broke in this page',
      detail: error instanceof Error ? error.message : 'An unexpected error happened.',
      advice: 'Reload the page. If it happens again, tell whoever runs Signpost.',
      reference: null,
    };
  }
  const { problem } = error;
  return {
    ...(problem.code === 'unauthenticated'
      ? SIGNED_OUT
      : { title: problem.title, detail: inWordsOfForms(problem.detail) }),
    advice: isOutcomeUnknown(error)
      ? UNANSWERED[doing]
      : (doing === 'reading' && ADVICE_TO_READERS[problem.code]) || adviceFor(problem),
    reference: problem.status >= 500 ? referenceOf(problem) : null,
  };
}

function adviceFor({ code, status, retryAfter }: ProblemDocument): string {
  if (status === 429 && retryAfter !== undefined) return `Wait ${seconds(retryAfter)}, then try again.`;
  return (
    ADVICE[code] ??
    BY_STATUS[status] ??
    (status >= 500
      ? 'Try again; if it happens again, the log has it under the reference below.'
      : 'Check what you entered.')
  );
}

function seconds(count: number): string {
  if (count >= 120) return `${Math.ceil(count / 60)} minutes`;
  return count === 1 ? 'a second' : `${count} seconds`;
}

function referenceOf({ instance }: ProblemDocument): string | null {
  return instance?.replace(/^urn:uuid:/, '') ?? null;
}
