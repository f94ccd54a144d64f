import { DatabaseSync, type StatementSync } from 'node:sqlite';
import { toStoreError } from './faults.ts';

/** What a column holds. */
export type SqlValue = null | number | string | Uint8Array;

/** A statement prepared once. Rows come as arrays in the order of the columns. */
export interface Statement<Row extends readonly SqlValue[]> {
  /** Runs it and says how many rows it changed. */
  run(...values: SqlValue[]): number;
  get(...values: SqlValue[]): Row | undefined;
  all(...values: SqlValue[]): Row[];
}

/** The few moves that the store makes on a database: all that another driver would have to offer. */
export class SqliteDatabase {
  readonly #database: DatabaseSync;
  readonly #statements = new Map<string, Statement<readonly SqlValue[]>>();

  constructor(path: string, options: { readonly readOnly: boolean; readonly waitMs?: number }) {
    try {
      this.#database = new DatabaseSync(path, { readOnly: options.readOnly, timeout: options.waitMs ?? 2000 });
    } catch (error) {
      throw toStoreError(error);
    }
  }

  /** The statement of an SQL text, prepared at its first use. */
  sql<Row extends readonly SqlValue[] = readonly []>(text: string): Statement<Row> {
    const known = this.#statements.get(text);
    if (known) return known as Statement<Row>;
    const statement = this.#prepare<Row>(text);
    this.#statements.set(text, statement);
    return statement;
  }

  /** Runs a text of several statements. */
  exec(text: string): void {
    try {
      this.#database.exec(text);
    } catch (error) {
      throw toStoreError(error);
    }
  }

  close(): void {
    this.#statements.clear();
    this.#database.close();
  }

  #prepare<Row extends readonly SqlValue[]>(text: string): Statement<Row> {
    let statement: StatementSync;
    try {
      statement = this.#database.prepare(text);
    } catch (error) {
      throw toStoreError(error);
    }
    statement.setReturnArrays(true);
    const guarded = <T>(use: () => T): T => {
      try {
        return use();
      } catch (error) {
        throw toStoreError(error);
      }
    };
    return {
      run: (...values) => guarded(() => Number(statement.run(...values).changes)),
      get: (...values) => guarded(() => statement.get(...values) as unknown as Row | undefined),
      all: (...values) => guarded(() => statement.all(...values) as unknown as Row[]),
    };
  }
}
