import { RouteConfig } from '@nestjs/platform-fastify';
import { readObjectMembers, SignpostError } from '@signpost/domain';
import type { FastifyContextConfig, FastifyInstance } from 'fastify';
import { routeOf } from '../platform/route-of';
import { validationFailed } from '../problems/validation-pipe';
import { bodyOrProblem, noObject, unreadableBody } from './read-body';

declare module 'fastify' {
  interface FastifyContextConfig {
    /** See RawJsonBody. */
    rawJson?: true;
  }
  interface FastifyRequest {
    /** Why the body could not be read, for whoever may make the request; null when it could. */
    bodyProblem: SignpostError | null;
  }
}

/** The handler's body is the JSON text as it came (a string, not parsed), so that parts of it can be kept byte for byte. */
export function RawJsonBody(): MethodDecorator {
  return RouteConfig({ rawJson: true } satisfies FastifyContextConfig);
}

/**
 * Bodies are JSON in UTF-8; broken sequences are refused, not replaced. An empty body counts as no body, whatever content type is
 * announced, because some clients announce one with every request. What is wrong with a body's text is told by the access guard, and only
 * to callers that it lets through.
 */
export function registerJsonBodies(fastify: FastifyInstance): void {
  const decoder = new TextDecoder('utf-8', { fatal: true });
  fastify.decorateRequest('bodyProblem', null);
  fastify.addHook('onRequest', ({ headers }, _reply, done) => {
    if (headers['content-length'] === '0') delete headers['content-type'];
    done();
  });
  fastify.removeAllContentTypeParsers();
  fastify.addContentTypeParser<Buffer>('application/json', { parseAs: 'buffer' }, (request, bytes, done) => {
    try {
      requirePlain(request.headers['content-encoding']);
      const text = decoder.decode(bytes);
      done(null, routeOf(request).config.rawJson === true ? text : parse(text));
    } catch (error) {
      request.bodyProblem = problemOf(error);
      done(null, undefined);
    }
  });
}

/** Refuses compressed bodies: unpacked, they could be much larger than what was sent, and `data` is kept as it came. */
function requirePlain(encoding: string | undefined): void {
  if (encoding === undefined || encoding === '' || encoding.toLowerCase() === 'identity') return;
  throw new SignpostError('unsupported_media_type', 'The body must be sent as it is, without a content-encoding.');
}

function problemOf(error: unknown): SignpostError {
  if (error instanceof SignpostError) return error;
  return new SignpostError('malformed_json', 'The body is not valid UTF-8.');
}

/** Far more values than any body of ours has. The checks of a body take time that grows with the square of its members. */
const VALUES_MAX = 1_000;

/**
 * An empty body counts as no body, because some clients announce JSON with every request. Any other must be an object that has no name
 * twice.
 */
function parse(text: string): unknown {
  if (text === '') return undefined;
  const body = readObjectMembers(text);
  if (body.kind === 'error') return bodyOrProblem(unreadableBody(text, body));
  if (body.members.size > VALUES_MAX) throw tooManyValues('');
  for (const [field, member] of body.members) requireUniqueNames(field, member);
  const parsed = JSON.parse(text) as object;
  requireFewValues(parsed);
  return parsed;
}

/** Bodies of ours have objects as members, but these have no further objects in them: deeper ones are not looked into. */
function requireUniqueNames(field: string, member: string): void {
  const inner = member.startsWith('{') ? readObjectMembers(member) : null;
  if (inner?.kind === 'error') throw validationFailed([noObject(inner, field)]);
}

function requireFewValues(body: object): void {
  let values = 0;
  for (const [field, member] of Object.entries(body)) {
    values += countValues(member);
    if (values > VALUES_MAX) throw tooManyValues(field);
  }
}

function countValues(value: unknown): number {
  if (typeof value !== 'object' || value === null) return 1;
  return Object.values(value).reduce<number>((sum, member) => sum + countValues(member), 1);
}

function tooManyValues(field: string): SignpostError {
  const message = `The body may hold ${VALUES_MAX.toLocaleString('en-US')} values at most.`;
  return validationFailed([{ field, rule: 'max_values', message }]);
}
