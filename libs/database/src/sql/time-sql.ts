/** Milliseconds since 1970. */
export function epochMs(time: string): string {
  return `(extract(epoch FROM ${time}) * 1000)::float8`;
}

/** Milliseconds from now until a time. */
export function msUntil(time: string): string {
  return `(extract(epoch FROM (${time}) - now()) * 1000)::float8`;
}

/** How far ahead of now() a stored time may be, because a transaction stored it that began later but did not have to wait. */
const BEGUN_LATER_MAX = `interval '5 seconds'`;

/**
 * The later of now() and a stored time, so that what is stored never goes back when a transaction that began earlier comes later. A time
 * that is further ahead says that the clock of PostgreSQL was set back: then it is now(), or all would stand still until the clock has
 * caught up.
 */
export function nowOrLater(time: string): string {
  return `CASE WHEN ${time} < now() + ${BEGUN_LATER_MAX} THEN greatest(${time}, now()) ELSE now() END`;
}
