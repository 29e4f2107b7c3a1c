/**
 * Whether a delivery `d` had been delivered, and is open for one more attempt only because a person asked for it: whatever comes of that,
 * it stays delivered.
 */
export const REOPENED = `(d.trigger = 'manual' AND d.delivered_at IS NOT NULL AND d.resume_at IS NULL)`;
