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
 * Decides for every request whether its caller may make it, and notes on the request what it found out. A body that could not be read is
 * refused here too, but only after the caller was let in.
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

  /** Asks nobody who they are, but refuses what a page of another site sends: some public routes sign people in. */
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
