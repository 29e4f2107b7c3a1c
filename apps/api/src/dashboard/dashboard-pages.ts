/** The addresses at which the dashboard has pages of its own; every other address is the API's. */
export const DASHBOARD_PAGES = [
  '',
  'account',
  'audit-log',
  'invitation',
  'portal',
  'setup',
  'sign-in',
  'store/*',
  'stores',
  'system',
] as const;
