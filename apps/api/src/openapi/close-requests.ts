import type { OpenAPIObject } from '@nestjs/swagger';

type Schemas = NonNullable<NonNullable<OpenAPIObject['components']>['schemas']>;

/**
 * Says of every object that requests are made of that it has no other properties than those described, as the API refuses them. What
 * already says which others it may have, such as the `data` of an event, stays as it is.
 *
 * @param requestBodies - of all operations
 */
export function closeRequests(requestBodies: readonly unknown[], schemas: Schemas): void {
  for (const name of namesWithin(requestBodies, schemas)) {
    const schema = schemas[name];
    if (schema !== undefined && !('$ref' in schema) && schema.type === 'object') schema.additionalProperties ??= false;
  }
}

/** The names of all schemas that are referred to, also by one another. */
function namesWithin(value: unknown, schemas: Schemas, found = new Set<string>()): ReadonlySet<string> {
  if (typeof value !== 'object' || value === null) return found;
  for (const [key, member] of Object.entries(value)) {
    const name = key === '$ref' ? String(member).split('/').at(-1) : undefined;
    if (name === undefined) namesWithin(member, schemas, found);
    else if (!found.has(name)) namesWithin(schemas[name], schemas, found.add(name));
  }
  return found;
}
