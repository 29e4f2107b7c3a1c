/** Ends an exhaustive switch: a case that the types exclude is a fault, and says which value it met. */
export function assertNever(value: never): never {
  throw new Error(`Unexpected value: ${JSON.stringify(value)}`);
}
