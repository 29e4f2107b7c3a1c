import { type ArgumentMetadata, ValidationPipe } from '@nestjs/common';
import { type FieldError, SignpostError } from '@signpost/domain';
import type { ValidationError } from 'class-validator';

/** Finds what is wrong with a body that its class cannot know. */
export type BodyCheck = (body: object, bodyClass: unknown) => readonly FieldError[];

/** Checks bodies and queries against their classes, and names every broken rule of every field, unknown properties too. */
export class RequestPipe extends ValidationPipe {
  constructor(private readonly check: BodyCheck) {
    super({
      transform: true,
      whitelist: true,
      forbidNonWhitelisted: true,
      validationError: { target: false, value: true },
      exceptionFactory: (errors) => validationFailed(errors.flatMap((error) => fieldErrors(error, ''))),
    });
  }

  /** @throws SignpostError `validation_failed` with all that is wrong, whichever check found it */
  override async transform(value: unknown, metadata: ArgumentMetadata): Promise<unknown> {
    const found = typeof value === 'object' && value !== null ? this.beyondClass(value, metadata) : [];
    if (found.length === 0) return super.transform(value, metadata);
    const others = await super.transform(value, metadata).then(
      () => [],
      (error: unknown) => (error instanceof SignpostError ? error.fields : []),
    );
    throw validationFailed([...others, ...found]);
  }

  private beyondClass(value: object, { type, metatype }: ArgumentMetadata): FieldError[] {
    if (type === 'query') return inheritedNames(value, '');
    return type === 'body' ? [...inheritedNames(value, ''), ...this.check(value, metatype)] : [];
  }
}

/**
 * Refuses properties such as `constructor`. No body's class declares one, but every object inherits them, and so the validation library
 * takes them for known.
 */
function inheritedNames(value: object, parent: string): FieldError[] {
  return Object.entries(value).flatMap(([name, member]: [string, unknown]) => {
    const field = fieldPath(parent, name);
    if (name in Object.prototype) return [unknownProperty(field)];
    // Bodies of ours have objects as members, but these have no further objects in them.
    return parent === '' && typeof member === 'object' && member !== null ? inheritedNames(member, field) : [];
  });
}

function unknownProperty(field: string): FieldError {
  return { field, rule: 'unknown_property', message: `${field} is not a property that is known here.` };
}

/** How many broken rules are listed at most: the answer must not be far larger than a request that is nothing but mistakes. */
const FIELD_ERRORS_MAX = 500;

/** The refusal of a request for what is wrong with its fields. */
export function validationFailed(broken: readonly FieldError[]): SignpostError {
  const fields = broken.slice(0, FIELD_ERRORS_MAX);
  const [first, ...others] = fields;
  const listed = fields.length < broken.length ? `the first ${fields.length} of them` : 'them';
  const detail =
    first === undefined || others.length > 0
      ? `${broken.length} rules are broken; errors lists ${listed}.`
      : first.message;
  return new SignpostError('validation_failed', detail, { fields });
}

function fieldErrors(error: ValidationError, parent: string): FieldError[] {
  const field = fieldPath(parent, error.property);
  const nested = (error.children ?? []).flatMap((child) => fieldErrors(child, field));
  const broken = Object.entries(error.constraints ?? {});
  if (broken.length === 0) return nested;
  if ('whitelistValidation' in (error.constraints ?? {})) {
    return [unknownProperty(field)];
  }
  if (error.value === undefined) return [{ field, rule: 'required', message: `${field} is required.` }];
  return [...broken.map(([name, message]) => ({ field, rule: ruleName(name), message: sentence(message) })), ...nested];
}

/** `events[3].type`: the elements of an array by their index, everything else by its name. */
function fieldPath(parent: string, property: string): string {
  if (parent === '') return property;
  return /^\d+$/.test(property) ? `${parent}[${property}]` : `${parent}.${property}`;
}

/** `isInt` → `int`, `maxLength` → `max_length`: the names of the validation library, in the style of our codes. */
function ruleName(name: string): string {
  return name
    .replace(/^is(?=[A-Z])/, '')
    .replace(/[A-Z]/g, (letter, at) => (at === 0 ? '' : '_') + letter.toLowerCase());
}

function sentence(message: string): string {
  return message.endsWith('.') ? message : `${message}.`;
}
