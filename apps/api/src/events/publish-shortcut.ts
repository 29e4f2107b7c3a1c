import { Injectable } from '@nestjs/common';
import { type ErrorCode, SignpostError } from '@signpost/domain';
import type { FastifyInstance, FastifyReply } from 'fastify';
import type { AccessContext } from '../access/access-context';
import { Admission } from '../access/admission';
import type { ApiKeyCaller } from '../access/caller';
import { KeyAdmission } from '../access/key-admission';
import { KeyRateLimiter } from '../access/key-rate-limiter';
import { sendProblem } from '../problems/send-problem';
import { PUBLISH_ACCESS, PUBLISH_PATH } from './publish.controller';
import { PUBLISH_BATCH, PUBLISH_ONE, type PublishRequest, PublishRequests } from './publish-requests';

type RecalledContext = AccessContext & { readonly caller: ApiKeyCaller };
type Call = typeof PUBLISH_ONE | typeof PUBLISH_BATCH;

interface Way {
  readonly context: RecalledContext;
  readonly call: Call;
  readonly goOn: () => void;
}

const CALLS: ReadonlyMap<string, Call> = new Map<string, Call>([
  [`POST /${PUBLISH_PATH}`, PUBLISH_ONE],
  [`POST /${PUBLISH_PATH}/batch`, PUBLISH_BATCH],
]);

/**
 * The shortcut of an event. A producer that was let in a moment ago is recognised from memory and served here, before Nest's guards, pipes
 * and interceptors, which would take as long as everything else that is done for the event. All other callers go the whole way, by the
 * `PublishController`; both lead to the same {@link PublishRequests}.
 */
@Injectable()
export class PublishShortcut {
  constructor(
    private readonly admission: Admission,
    private readonly keys: KeyAdmission,
    private readonly rateLimiter: KeyRateLimiter,
    private readonly requests: PublishRequests,
  ) {}

  /** Stands before the handlers of the publishing routes. To be called before they are registered. */
  observe(fastify: FastifyInstance): void {
    fastify.addHook('onRoute', (route) => {
      const call = CALLS.get(`${String(route.method)} ${route.url}`);
      if (call === undefined) return;
      route.preHandler = (request, reply, done) => {
        const context = request.bodyProblem === null ? this.recall(request as PublishRequest) : null;
        if (context === null) done();
        else void this.serve(request as PublishRequest, reply, { context, call, goOn: done });
      };
    });
  }

  private recall(request: PublishRequest): RecalledContext | null {
    const admitted = this.keys.recall(request);
    if (admitted === null) return null;
    const refreshCaller = async () => (await this.admission.admit(request, PUBLISH_ACCESS)).caller;
    const { caller, store } = admitted;
    return { caller, store, refreshCaller };
  }

  /** @param way.goOn - to be called for a caller that has to go the whole way after all */
  private async serve(request: PublishRequest, reply: FastifyReply, { context, call, goOn }: Way): Promise<void> {
    try {
      const permit = this.rateLimiter.take(context.caller);
      if (permit !== null) await permit;
      request.accessContext = context;
      const answer = await this.requests.publish<unknown>(request, reply, context, call);
      void reply.code(202).send(answer);
    } catch (error) {
      if (isRateLimited(error) && this.keys.forgetRefused(request)) return goOn();
      sendProblem(await problemFor(error, context), request, reply);
    }
  }
}

function isRateLimited(error: unknown): boolean {
  return error instanceof SignpostError && error.code === 'rate_limited';
}

/**
 * Mistakes in a body are found before the commit, and only the commit checks the key. So the caller is authenticated once more: only
 * whoever may still publish is told what is wrong with the body.
 *
 * @returns what to answer with: `thrown`, or why the caller is not let in any more
 */
async function problemFor(thrown: unknown, { refreshCaller }: RecalledContext): Promise<unknown> {
  if (!(thrown instanceof SignpostError && MISTAKES.has(thrown.code))) return thrown;
  return refreshCaller().then(
    () => thrown,
    (refusal: unknown) => refusal,
  );
}

const MISTAKES: ReadonlySet<ErrorCode> = new Set<ErrorCode>(['malformed_json', 'validation_failed']);
