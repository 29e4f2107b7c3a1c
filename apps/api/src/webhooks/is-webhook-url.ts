import { EgressPolicy } from '@signpost/delivery';
import { buildMessage, ValidateBy } from 'class-validator';

/** Knows no forbidden address: which ones are is up to the configuration, and checked where that is at hand. */
const FORM_ONLY = new EgressPolicy({ allow: ['0.0.0.0/0', '::/0'], httpsOnly: false });

/** The field has the form of an address that events can be sent to. */
export function IsWebhookUrl(): PropertyDecorator {
  return ValidateBy({
    name: 'invalid_url',
    validator: {
      validate: (value: unknown) => typeof value === 'string' && FORM_ONLY.checkUrl(value).kind === 'allowed',
      defaultMessage: buildMessage((each, args) => {
        const verdict = typeof args?.value === 'string' ? FORM_ONLY.checkUrl(args.value) : null;
        return verdict?.kind === 'refused' ? verdict.message : `${each}$property must be the text of a URL`;
      }),
    },
  });
}
