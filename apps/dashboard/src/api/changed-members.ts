/**
 * What of a form's values differs from what they were when it was opened, to be saved alone: what stays is not named, for somebody
 * else may have changed it meanwhile.
 */
export function changedMembers<Values extends object>(values: Values, before: Values): Partial<Values> {
  const names = Object.keys(values) as (keyof Values)[];
  const changed = names.filter((name) => JSON.stringify(values[name]) !== JSON.stringify(before[name]));
  return Object.fromEntries(changed.map((name) => [name, values[name]])) as Partial<Values>;
}
