import { within } from './within';

/** Whether `work` fulfils before `timeMs` have passed. What it gives, or fails with later, is ignored. */
export async function fulfilsWithin(work: Promise<unknown>, timeMs: number): Promise<boolean> {
  const fulfilled = work.then(() => true);
  return (await within(fulfilled, timeMs)) === true;
}
