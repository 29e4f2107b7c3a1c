/**
 * The members of a request to change something that differ from what they were when the form was opened. The others are not named, and of a
 * set only the added and removed members count, because somebody else may have changed it meanwhile.
 *
 * @param now - the members as they are by now
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

/** Whether a thing has each member that a request names. */
export function hasMembers<Members extends object>(has: Members, asked: Members): boolean {
  return Object.keys(changedMembers(asked, has, has)).length === 0;
}

/** Applies the changes of a set to what it is by now. A null stands for every possible member: nothing is added to it. */
function merged(chosen: unknown, before: unknown, now: unknown): unknown {
  if (!isSet(chosen) || !isSet(before) || !isSet(now)) return chosen;
  const kept = now.filter((member) => chosen.includes(member) || !before.includes(member));
  const added = chosen.filter((member) => !before.includes(member) && !now.includes(member));
  return [...kept, ...added];
}

function isSet(value: unknown): value is readonly unknown[] {
  return Array.isArray(value);
}
