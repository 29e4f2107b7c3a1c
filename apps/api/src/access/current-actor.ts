import { createParamDecorator, type ExecutionContext } from '@nestjs/common';
import type { Actor } from '@signpost/database';
import { assertNever, encodeId } from '@signpost/domain';
import type { FastifyRequest } from 'fastify';
import { accessContext } from './access-context';
import { idByHand } from './caller';

/** For handlers: {@link currentActor}. */
export const CurrentActor = createParamDecorator((_: unknown, execution: ExecutionContext): Actor => {
  return currentActor(execution.switchToHttp().getRequest<FastifyRequest>());
});

/** Who makes the request, and from which address, as the audit log keeps it. */
export function currentActor(request: FastifyRequest): Actor {
  const { caller } = accessContext(request);
  switch (caller.kind) {
    case 'operator':
      return { kind: 'operator', id: null, address: request.ip };
    case 'api_key':
      return { kind: 'api_key', id: encodeId('apiKey', caller.apiKeyId), address: request.ip };
    case 'person':
    case 'portal':
      return { kind: 'person', id: idByHand(caller), address: request.ip };
    default:
      return assertNever(caller);
  }
}
