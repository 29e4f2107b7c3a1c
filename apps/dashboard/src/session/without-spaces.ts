/** A code of a second factor as it counts: apps show it in groups of digits, and copy the space between them. */
export function withoutSpaces(code: string): string {
  return code.replace(/\s/g, '');
}
