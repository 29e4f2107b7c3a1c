/** Whether `work` fulfils before `timeMs` have passed. What it gives, or fails with later, is ignored. */
export async function fulfilsWithin(work: Promise<unknown>, timeMs: number): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined;
  const timeout = new Promise<boolean>((resolve) => {
    timer = setTimeout(() => resolve(false), timeMs);
  });
  const fulfilled = work.then(
    () => true,
    () => false,
  );
  const first = await Promise.race([fulfilled, timeout]);
  clearTimeout(timer);
  return first;
}
