/** A thing of a list. */
export interface Listed {
  readonly id: string;
}

/** The things of a kind that there are. */
interface List<Item> {
  /** As the page knows it; undefined while it does not. */
  readonly known: () => readonly Item[] | undefined;
  readonly read: () => Promise<readonly Item[]>;
}

interface Making<Item, Made> {
  /** Makes the thing. */
  readonly make: () => Promise<Made>;
  /** Whether a thing is as the one to be made. */
  readonly isIt: (item: Item) => boolean;
  /** Takes one that is there for the one to be made. */
  readonly adopt: (item: Item) => Made | Promise<Made>;
}

/**
 * Has a thing made once, however often a person tries. The answer to a try may be lost after the thing was made: so each further try first
 * looks for one that has come since, and is the same.
 *
 * @returns a function that makes it; one for each thing
 */
export function makeOnce<Item extends Listed>(list: List<Item>) {
  let before: ReadonlySet<string> | null = null;
  return async <Made>({ make, isIt, adopt }: Making<Item, Made>): Promise<Made> => {
    if (before === null) {
      before = new Set((list.known() ?? (await list.read())).map(({ id }) => id));
      return make();
    }
    const old = before;
    const made = (await list.read()).find((item) => !old.has(item.id) && isIt(item));
    return made === undefined ? make() : adopt(made);
  };
}
