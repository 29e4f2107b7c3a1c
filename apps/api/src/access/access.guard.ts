import { type CanActivate, type ExecutionContext, Injectable } from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import type { FastifyRequest } from 'fastify';
import { PublicAddress } from '../platform/public-address';
import type { AccessContext } from './access-context';
import { ACCESS_RULE, type AccessOptions, type AccessRule } from './access.decorator';
import { Admission } from './admission';
import { KeyRateLimiter } from './key-rate-limiter';
import { SetupGate } from './setup-gate';

type StoreRequest = FastifyRequest<{ Params: { store?: string } }>;

/**
 * Decides for every route who may call it, and remembers what it found out. Whatever is not allowed is refused, and so is a body that
 * cannot be read, once it is known who sent it.
 */
@Injectable()
export class AccessGuard implements CanActivate {
  constructor(
    private readonly reflector: Reflector,
    private readonly admission: Admission,
    private readonly rateLimiter: KeyRateLimiter,
    private readonly setup: SetupGate,
    private readonly address: PublicAddress,
  ) {}

  async canActivate(execution: ExecutionContext): Promise<boolean> {
    const rule = this.reflector.get<AccessRule | undefined>(ACCESS_RULE, execution.getHandler());
    if (rule === undefined)
      throw new Error(`${execution.getClass().name}.${execution.getHandler().name} has no @Access.`);
    const request = execution.switchToHttp().getRequest<StoreRequest>();
    if (typeof rule === 'string') await this.passPublic(request, rule);
    else request.accessContext = await this.authenticate(request, rule);
    if (request.bodyProblem !== null) throw request.bodyProblem;
    return true;
  }

  /** Nobody is asked who they are; but what lets people in is not for the pages of other sites. */
  private async passPublic(request: StoreRequest, rule: AccessRule): Promise<void> {
    this.address.requireOwnOrigin(request, { mayBeMissing: true });
    if (rule === 'public_once_set_up') await this.setup.pass();
  }

  private async authenticate(request: StoreRequest, rule: AccessOptions): Promise<AccessContext> {
    const admitted = await this.admission.admit(request, rule);
    if (admitted.caller.kind === 'api_key') await this.rateLimiter.take(admitted.caller);
    return { ...admitted, refreshCaller: async () => (await this.admission.admit(request, rule)).caller };
  }
}
