import { createParamDecorator, type ExecutionContext } from '@nestjs/common';
import type { Actor } from '@signpost/database';
import { assertNever, encodeId } from '@signpost/domain';
import type { FastifyRequest } from 'fastify';
import { accessContext } from './access-context';
import { idByHand } from './caller';

/** Who makes the request, and from which address, as the audit log keeps it: an `Actor`. */
export const CurrentActor = createParamDecorator((_: unknown, execution: ExecutionContext): Actor => {
  const request = execution.switchToHttp().getRequest<FastifyRequest>();
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
});
