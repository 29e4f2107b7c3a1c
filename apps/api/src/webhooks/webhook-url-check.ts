import type { EgressPolicy } from '@signpost/delivery';
import type { BodyCheck } from '../problems/validation-pipe';
import { CreateWebhookBody, UpdateWebhookBody } from './webhooks.dto';

/** Refuses for a webhook what is not a URL, and a URL to which nothing may be sent; the configuration says which these are. */
export function webhookUrlCheck(egress: EgressPolicy): BodyCheck {
  return (body, bodyClass) => {
    if (bodyClass !== CreateWebhookBody && bodyClass !== UpdateWebhookBody) return [];
    if (!('url' in body) || typeof body.url !== 'string') return [];
    const verdict = egress.checkUrl(body.url);
    return verdict.kind === 'refused' ? [{ field: 'url', rule: verdict.code, message: verdict.message }] : [];
  };
}
