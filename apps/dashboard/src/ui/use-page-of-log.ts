import { hashKey, type QueryKey, useQuery } from '@tanstack/react-query';
import { useLocation, useNavigate } from '@tanstack/react-router';
import { type LogPage, readOn } from './read-on';

/** How far somebody has gone back in a log. */
interface Turned {
  /** Which log, and how it is filtered. */
  readonly log: string;
  /** The cursors at which the pages begin, from the second page to the one that is shown. */
  readonly cursors: readonly string[];
}

declare module '@tanstack/react-router' {
  interface HistoryState {
    /** The browser keeps this with the address, so that a person who comes back, or reloads, finds the page of the log that they left. */
    readonly turned?: Turned;
  }
}

/** What reads one page; the last part of its key is the cursor. */
interface PageQuery<Page> {
  readonly queryKey: QueryKey;
  readonly queryFn: () => Promise<Page>;
  readonly refetchInterval?: number;
}

/** One page of a log, and the way to the others. */
export interface PageOfLog<Item> {
  /** Undefined while they are loaded. */
  readonly rows: readonly Item[] | undefined;
  /** When the rows were asked for, in milliseconds since 1970: they are in their state of that time or a later one. */
  readonly askedAtMs: number;
  /** Counts from 1, the newest. */
  readonly number: number;
  readonly hasOlder: boolean;
  /** Whether what is shown is still the page before. */
  readonly isTurning: boolean;
  /** Null while all is well. */
  readonly error: Error | null;
  readonly retry: () => void;
  readonly toNewest: () => void;
  readonly toNewer: () => void;
  readonly toOlder: () => void;
}

/**
 * Reads a log page by page and holds only one page, so that it costs no more to show and to fetch again however far somebody goes back.
 * Another log, or other filters, begin at the newest page.
 *
 * @param pageQuery - reads the page that begins at a cursor; null: the newest
 */
export function usePageOfLog<Item>(pageQuery: (cursor: string | null) => PageQuery<LogPage<Item>>): PageOfLog<Item> {
  const log = logOf(pageQuery(null).queryKey);
  const turned = useLocation({ select: ({ state }) => state.turned });
  const navigate = useNavigate();
  const cursors = turned?.log === log ? turned.cursors : [];
  const turn = (next: readonly string[]) =>
    void navigate({
      to: '.',
      search: true,
      state: { turned: { log, cursors: next } },
      replace: true,
      resetScroll: false,
    });
  const cursor = cursors.at(-1) ?? null;
  const { data, isPlaceholderData, error, refetch } = useQuery({
    ...pageQuery(cursor),
    queryFn: async () => {
      const askedAtMs = Date.now();
      return { ...(await readOn((from) => pageQuery(from).queryFn(), cursor)), askedAtMs };
    },
    placeholderData: (before, from) => (from !== undefined && logOf(from.queryKey) === log ? before : undefined),
  });
  const next = data?.nextCursor ?? null;
  return {
    rows: data?.data,
    askedAtMs: data?.askedAtMs ?? 0,
    number: cursors.length + 1,
    hasOlder: next !== null,
    isTurning: isPlaceholderData,
    error,
    retry: () => void refetch(),
    toNewest: () => turn([]),
    toNewer: () => turn(cursors.slice(0, -1)),
    toOlder: () => next !== null && turn([...cursors, next]),
  };
}

function logOf(pageKey: QueryKey): string {
  return hashKey(pageKey.slice(0, -1));
}
