import type { AuditAction } from '../../api/audit-log';

/** What is done in a store, as a person says it. */
export const STORE_ACTIONS = {
  'store.created': 'Store created',
  'store.deleted': 'Store deleted',
  'api_key.created': 'API key created',
  'api_key.updated': 'API key changed',
  'api_key.revealed': 'API key revealed',
  'api_key.secret_rotated': 'Secret renewed',
  'api_key.deleted': 'API key deleted',
  'webhook.created': 'Webhook created',
  'webhook.updated': 'Webhook changed',
  'webhook.disabled': 'Webhook disabled',
  'webhook.tested': 'Dummy sent',
  'webhook.recovered': 'Webhook recovered',
  'webhook.deleted': 'Webhook deleted',
  'event.published': 'Event published',
  'delivery.retried': 'Delivery retried',
  'deliveries.retried': 'Deliveries retried',
  'member.role_changed': 'Role changed',
  'member.removed': 'Member removed',
  'invitation.created': 'Invitation made',
  'invitation.withdrawn': 'Invitation withdrawn',
  'member.added': 'Member joined',
  'portal.link_created': 'Portal link made',
  'portal.opened': 'Portal opened',
  'portal.closed': 'Portal closed',
} satisfies Partial<Record<AuditAction, string>>;

/** What is done in stores and outside of any. */
export const ACTIONS: Readonly<Record<AuditAction, string>> = {
  ...STORE_ACTIONS,
  'person.created': 'Person added',
  'person.updated': 'Person changed',
  'person.signed_in': 'Signed in',
  'person.confirmed': 'Confirmed who they are',
  'person.signed_out': 'Signed out',
  'person.signed_out_everywhere': 'Signed out everywhere',
  'person.password_changed': 'Password changed',
  'person.second_factor_added': 'Second factor added',
  'person.second_factor_removed': 'Second factor removed',
  'person.second_factor_failed': 'Wrong code',
  'person.recovery_codes_replaced': 'Recovery codes replaced',
};

export const ACTORS: Readonly<Record<string, string>> = {
  operator: 'Operator',
  api_key: 'API key',
  person: 'Person',
  system: 'Signpost',
};
