interface Subscription {
  readonly url: string;
  readonly events: readonly string[];
}

/** Whether one of the other webhooks that are enabled sends some of the same events to the same URL, which then gets each of them twice. */
export function hasTwin(
  { url, events }: Subscription,
  others: readonly (Subscription & { readonly enabled: boolean })[],
): boolean {
  const target = URL.canParse(url.trim()) ? new URL(url.trim()).href : null;
  return others.some(
    (other) =>
      other.enabled && new URL(other.url).href === target && other.events.some((event) => events.includes(event)),
  );
}
