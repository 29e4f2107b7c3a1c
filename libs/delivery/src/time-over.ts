/** Resolves after so many milliseconds. It keeps no process alive. */
export function timeOver(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms).unref());
}
