import { assertNever, type FieldError, type NoObject, SignpostError } from '@signpost/domain';
import { validationFailed } from '../problems/validation-pipe';

/** What became of the text of a body that is read without being parsed as a whole. */
export type ReadBody<Value> =
  | { readonly kind: 'ok'; readonly value: Value }
  /** The text is not JSON; the message says from which place on. */
  | { readonly kind: 'malformed'; readonly message: string }
  /** Lists every rule that the body breaks. */
  | { readonly kind: 'invalid'; readonly fields: readonly FieldError[] };

/** @throws SignpostError `malformed_json` or `validation_failed` when the body could not be read */
export function bodyOrProblem<Value>(body: ReadBody<Value>): Value {
  switch (body.kind) {
    case 'ok':
      return body.value;
    case 'malformed':
      throw new SignpostError('malformed_json', body.message);
    case 'invalid':
      throw validationFailed(body.fields);
    default:
      return assertNever(body);
  }
}

export function invalidBody(fields: readonly FieldError[]): ReadBody<never> {
  return { kind: 'invalid', fields };
}

/** Adds to the errors of a body those of the request's headers. When the body is not JSON, only that is reported. */
export function alsoBroken<Value>(fields: readonly FieldError[], body: ReadBody<Value>): ReadBody<Value> {
  if (fields.length === 0 || body.kind === 'malformed') return body;
  return invalidBody(body.kind === 'invalid' ? [...fields, ...body.fields] : fields);
}

/** Tells a text that is not JSON from JSON that is no object, repeats a name, or is nested too deep. */
export function unreadableBody(text: string, problem: NoObject): ReadBody<never> {
  try {
    JSON.parse(text);
  } catch (error) {
    if (error instanceof SyntaxError) return { kind: 'malformed', message: problem.message };
  }
  return invalidBody([noObject(problem, '')]);
}

/** @param path - where in the body the object should be; empty: the body itself */
export function noObject({ message, repeated }: NoObject, path: string): FieldError {
  const of = path === '' ? '' : `${path}: `;
  if (repeated === undefined) return { field: path, rule: 'object', message: of + message };
  return { field: path === '' ? repeated : `${path}.${repeated}`, rule: 'repeated_name', message: of + message };
}

/** Adds an error for each member that is not known, by its name. */
export function refuseUnknown(
  members: ReadonlyMap<string, string>,
  known: ReadonlySet<string>,
  path: string,
  fields: FieldError[],
): void {
  for (const name of members.keys()) {
    if (known.has(name)) continue;
    const message = `${path}${name} is not a property that is known here; known are ${[...known].join(', ')}.`;
    fields.push({ field: path + name, rule: 'unknown_property', message });
  }
}

/** The value of a JSON text that is a string; null for any other. */
export function readJsonString(text: string): string | null {
  return text.startsWith('"') ? String(JSON.parse(text)) : null;
}
