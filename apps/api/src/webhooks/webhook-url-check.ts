import type { EgressPolicy } from '@signpost/delivery';
import type { BodyCheck } from '../problems/validation-pipe';
import { CreateWebhookBody, UpdateWebhookBody } from './webhooks.dto';

/** Refuses a webhook's URL that is none, or that nothing may be sent to: which addresses these are is up to the configuration. */
export function webhookUrlCheck(egress: EgressPolicy): BodyCheck {
  return (body, bodyClass) => {
    if (bodyClass !== CreateWebhookBody && bodyClass !== UpdateWebhookBody) return [];
    if (!('url' in body) || typeof body.url !== 'string') return [];
    const verdict = egress.checkUrl(body.url);
    return verdict.kind === 'refused' ? [{ field: 'url', rule: verdict.code, message: verdict.message }] : [];
  };
}
