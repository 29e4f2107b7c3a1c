import { availableParallelism } from 'node:os';
import { setFlagsFromString } from 'node:v8';

/** What a process asks of V8. */
export interface HeapBounds {
  /**
   * How much the heap may grow, in percent of what is in use, before it is collected. Left to itself, V8 lets it grow to a
   * multiple of that under load; but what these processes leave behind dies young, and they gain nothing by the room.
   */
  readonly heapGrowthPercent: number;
  /**
   * Whether threads mark the heap beside the process also where there are only two processors. They take the time of PostgreSQL and of the
   * other processes, and free the process's own: for the one that has least of it.
   */
  readonly marksBeside: boolean;
  /**
   * Whether V8 is to save memory, where it takes more than it did (Node.js 24 and later). It then makes old at once whatever outlives one
   * collection, and collects the old every few seconds, 10 to 20 ms long: for the one that leaves much behind and has time left.
   */
  readonly savesMemory: boolean;
}

const FEW_PROCESSORS = 2;
/** The first Node.js whose V8 can be told to save memory, and takes 40 to 60 MB more for an API than the one before. */
const NODE_THAT_SAVES_MEMORY = 24;

/** Keeps the heap of this process small, from its start on (docs/benchmarks.md has what each of these gives). */
export function boundHeap({ heapGrowthPercent, marksBeside, savesMemory }: HeapBounds): void {
  setFlagsFromString(`--heap-growing-percent=${heapGrowthPercent}`);
  // V8 guesses by the place where something is made whether it will live long, and makes it in the old heap at once. Of rows, parameters and
  // jobs it guesses wrong: they would fill that heap, and have all of it collected every few seconds.
  setFlagsFromString('--no-allocation-site-pretenuring');
  if (!marksBeside && availableParallelism() <= FEW_PROCESSORS) setFlagsFromString('--no-concurrent-marking');
  // An older one would print that it does not know the flag.
  const knowsHow = Number.parseInt(process.versions.node, 10) >= NODE_THAT_SAVES_MEMORY;
  if (savesMemory && knowsHow) setFlagsFromString('--memory-saver-mode');
}
