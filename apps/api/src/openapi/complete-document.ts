import { getSchemaPath, type OpenAPIObject } from '@nestjs/swagger';
import { Problem } from '../problems/problem';
import { closeRequests } from './close-requests';

type PathItem = OpenAPIObject['paths'][string];
type Operation = NonNullable<PathItem['get']>;

const METHODS = ['get', 'post', 'put', 'patch', 'delete'] as const;
const PROBLEM_CONTENT = { 'application/problem+json': { schema: { $ref: getSchemaPath(Problem) } } };

/**
 * Adds to each operation what holds for all of them: the parameters of its path, that its body has no unknown properties, and that errors
 * are problem documents.
 */
export function completeDocument(document: OpenAPIObject): OpenAPIObject {
  const requestBodies: Operation['requestBody'][] = [];
  for (const [path, item] of Object.entries(document.paths)) {
    for (const method of METHODS) {
      const operation = item[method];
      if (operation === undefined) continue;
      completeOperation(path, operation);
      requestBodies.push(operation.requestBody);
    }
  }
  closeRequests(requestBodies, document.components?.schemas ?? {});
  return document;
}

function completeOperation(path: string, operation: Operation): void {
  // What is open to everybody says so, rather than nothing.
  operation.security ??= [];
  const inPath = [...path.matchAll(/\{(\w+)\}/g)].flatMap(([, name]) => (name === undefined ? [] : [name]));
  const parameters = (operation.parameters ??= []);
  const declared = new Set(parameters.map((parameter) => ('name' in parameter ? parameter.name : '')));
  const missing = inPath.filter((name) => !declared.has(name));
  parameters.unshift(
    ...missing.map((name) => ({ name, in: 'path', required: true, schema: { type: 'string' } }) as const),
  );

  const takesInput = operation.requestBody !== undefined || parameters.length > inPath.length;
  if (takesInput)
    operation.responses['400'] ??= { description: '`validation_failed`: `errors` lists every broken rule.' };
  if (inPath.length > 0) operation.responses['404'] ??= { description: 'It does not exist, or not for this caller.' };
  operation.responses.default = { description: 'Any other error.' };
  for (const [status, response] of Object.entries(operation.responses)) {
    const isError = status === 'default' || Number(status) >= 400;
    if (isError && response !== undefined && !('$ref' in response)) response.content = PROBLEM_CONTENT;
  }
}
