/** What `work` gives within `timeMs`; null when it fails or takes longer. What comes later is ignored. */
export async function within<T>(work: Promise<T>, timeMs: number): Promise<T | null> {
  let timer: NodeJS.Timeout | undefined;
  const timeout = new Promise<null>((resolve) => {
    timer = setTimeout(() => resolve(null), timeMs);
  });
  const first = await Promise.race([work.catch(() => null), timeout]);
  clearTimeout(timer);
  return first;
}
