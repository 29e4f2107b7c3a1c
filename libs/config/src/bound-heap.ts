import { availableParallelism } from 'node:os';
import { setFlagsFromString } from 'node:v8';

/** What a process asks of V8. */
export interface HeapBounds {
  /**
   * How much the heap may grow, in percent of what is in use, before it is collected. By default, V8 lets the heap grow to a multiple of
   * that under load. These processes gain nothing by the room, because most of their objects die young.
   */
  readonly heapGrowthPercent: number;
  /**
   * Whether V8 marks the heap in threads of its own even if there are only two processors. They relieve the main thread, but take time from
   * PostgreSQL and the other processes: for the process whose main thread has the least time left, the worker.
   */
  readonly marksBeside: boolean;
  /**
   * Whether V8 is to save memory (Node.js 24 and later, which takes more than the versions before). An object then becomes old as soon as
   * it outlives one collection, and the old heap is collected every few seconds, 10 to 20 ms long: for the process that makes much garbage
   * and has time left, the API.
   */
  readonly savesMemory: boolean;
}

const FEW_PROCESSORS = 2;
/** The first Node.js whose V8 can be told to save memory; with it, an API takes 40 to 60 MB more than with the version before. */
const NODE_THAT_SAVES_MEMORY = 24;

/** Keeps the heap of this process small, from its start on (docs/benchmarks.md tells what each setting gives). */
export function boundHeap({ heapGrowthPercent, marksBeside, savesMemory }: HeapBounds): void {
  setFlagsFromString(`--heap-growing-percent=${heapGrowthPercent}`);
  // V8 guesses from the place in the code that makes an object whether the object will live long, and if so makes it in the old heap at
  // once. For rows, parameters and jobs it guesses wrong: they would fill the old heap, which would then be collected every few seconds.
  setFlagsFromString('--no-allocation-site-pretenuring');
  if (!marksBeside && availableParallelism() <= FEW_PROCESSORS) setFlagsFromString('--no-concurrent-marking');
  // An older Node.js would print that it does not know the flag.
  const knowsHow = Number.parseInt(process.versions.node, 10) >= NODE_THAT_SAVES_MEMORY;
  if (savesMemory && knowsHow) setFlagsFromString('--memory-saver-mode');
}
