/**
 * A select list that makes rows of arrays, one for each column, element by element.
 *
 * `FROM unnest(…)` makes the same rows, but first a table of each array, which takes three times as long.
 *
 * @param columns - the array of each column, as the statement's parameter with its type: `{ id: '$1::uuid[]' }`
 */
export function rowsOf(columns: Readonly<Record<string, string>>): string {
  return Object.entries(columns)
    .map(([name, array]) => `unnest(${array}) AS ${name}`)
    .join(', ');
}
