import { LessThan, type FindOperator } from 'typeorm';

/** Which part of a list is read, newest first. */
export interface IdPage {
  readonly limit: number;
  /** Only ids below this one; null: from the newest. */
  readonly before: string | null;
}

/** The condition on `id` and the order of a page, for a repository's `find`. */
export function pageOptions<Id extends string>({
  limit,
  before,
}: IdPage): {
  where: { id?: FindOperator<Id> };
  order: { id: 'DESC' };
  take: number;
} {
  return { where: before === null ? {} : { id: LessThan(before as Id) }, order: { id: 'DESC' }, take: limit };
}
