import type { Column } from './column';
import type { Statement } from './sql-client';

/** Rows that a statement is given; they reach PostgreSQL as one array for each column. */
export interface GivenRows<Name extends string> {
  /** The names of the columns, as the column list of an INSERT. */
  readonly names: string;
  /**
   * A select list that makes the rows of the arrays, element by element.
   *
   * `FROM unnest(…)` makes the same rows, but first a table of each array, which takes three times as long.
   */
  readonly columns: string;
  /** The array of each column. */
  readonly arrays: Readonly<Record<Name, string>>;
}

/** A statement that knows how its parameters are made of what it is given. */
export interface StatementOf<Given> extends Statement {
  readonly valuesOf: (given: Given) => unknown[];
}

/**
 * Numbers the parameters of a statement, so that each is written down once: what it is made of, and where the SQL uses it, by a name.
 *
 * @typeParam Given - what the statement is given when it runs
 */
export class StatementParameters<Given> {
  private readonly makers: ((given: Given) => unknown)[] = [];

  /** Adds a parameter. @returns its place in the SQL, such as `$3`; where PostgreSQL cannot tell its type, the SQL has to */
  value(of: (given: Given) => unknown): string {
    this.makers.push(of);
    return `$${this.makers.length}`;
  }

  /** Adds a parameter for each column of rows. */
  rows<Row, Name extends string>(
    of: (given: Given) => readonly Row[],
    columns: Readonly<Record<Name, Column<Row>>>,
  ): GivenRows<Name> {
    const names = Object.keys(columns) as Name[];
    const arrays = Object.fromEntries(
      names.map((name) => {
        const { type, arrayOf } = columns[name];
        return [name, `${this.value((given) => arrayOf(of(given)))}::${type}[]`];
      }),
    ) as Record<Name, string>;
    return {
      names: names.join(', '),
      columns: names.map((name) => `unnest(${arrays[name]}) AS ${name}`).join(', '),
      arrays,
    };
  }

  /** @returns a statement with the parameters that were added so far: those that are added later belong to later statements */
  statement(name: string, text: string, answerMsMax?: number): StatementOf<Given> {
    const makers = [...this.makers];
    return {
      name,
      text,
      ...(answerMsMax === undefined ? {} : { answerMsMax }),
      valuesOf: (given) => makers.map((of) => of(given)),
    };
  }
}
