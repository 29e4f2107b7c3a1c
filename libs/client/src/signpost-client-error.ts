/** One rule that one field of a request broke. */
export interface ClientFieldError {
  readonly field: string;
  readonly rule: string;
  readonly message: string;
}

interface Details {
  readonly code: string;
  readonly status: number | null;
  readonly fields?: readonly ClientFieldError[];
  readonly cause?: unknown;
}

/** Why Signpost did not accept a request. The message is a plain sentence without a secret in it. */
export class SignpostClientError extends Error {
  override readonly name = 'SignpostClientError';
  /** Stable, for programs: a code of Signpost's problem documents, `unreachable`, or `unexpected_answer`. */
  readonly code: string;
  /** The HTTP status; null when there was no answer. */
  readonly status: number | null;
  /** Every broken rule of every field. */
  readonly fields: readonly ClientFieldError[];

  constructor(message: string, { code, status, fields = [], cause }: Details) {
    super(message, cause === undefined ? undefined : { cause });
    this.code = code;
    this.status = status;
    this.fields = fields;
  }

  /** Reads a problem document (RFC 9457), or the answer that a proxy gave in its place. */
  static ofAnswer(status: number, text: string): SignpostClientError {
    const problem = readObject(text);
    const detail = problem['detail'];
    if (typeof problem['code'] !== 'string' || typeof detail !== 'string') {
      return new SignpostClientError(`The answer was ${status}, and no problem document.`, {
        code: 'unexpected_answer',
        status,
      });
    }
    const fields = Array.isArray(problem['errors']) ? (problem['errors'] as ClientFieldError[]) : [];
    const sentences = fields.length > 1 ? fields.map(({ message }) => message) : [detail];
    return new SignpostClientError(sentences.join(' '), { code: problem['code'], status, fields });
  }
}

function readObject(text: string): { readonly [name: string]: unknown } {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? { ...value } : {};
  } catch {
    return {};
  }
}
