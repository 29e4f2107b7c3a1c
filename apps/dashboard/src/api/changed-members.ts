/**
 * What of a request to change something differs from how that was when its form was opened, to be asked for alone: what stays is
 * not named, and of a set only what was added and removed counts, for somebody else may have changed it meanwhile.
 *
 * @param now - how it is by now
 */
export function changedMembers<Members extends object>(
  chosen: Members,
  before: Members,
  now: Members,
): Partial<Members> {
  const names = Object.keys(chosen) as (keyof Members)[];
  const changed = names.filter((name) => JSON.stringify(chosen[name]) !== JSON.stringify(before[name]));
  const members = changed.map((name) => [name, merged(chosen[name], before[name], now[name])]);
  return Object.fromEntries(members) as Partial<Members>;
}

/** A set that is null is none, but every possible member: it is not to be added to. */
function merged(chosen: unknown, before: unknown, now: unknown): unknown {
  if (!isSet(chosen) || !isSet(before) || !isSet(now)) return chosen;
  const kept = now.filter((member) => chosen.includes(member) || !before.includes(member));
  const added = chosen.filter((member) => !before.includes(member) && !now.includes(member));
  return [...kept, ...added];
}

function isSet(value: unknown): value is readonly unknown[] {
  return Array.isArray(value);
}
