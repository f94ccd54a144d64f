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
      this.#database = new DatabaseSync(path, { readOnly: options.readOnly });
      this.#database.exec(`PRAGMA busy_timeout = ${options.waitMs ?? 2000}`);
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
    const { toRow, toRows } = asArrays(statement);
    const guarded = <T>(use: () => T): T => {
      try {
        return use();
      } catch (error) {
        throw toStoreError(error);
      }
    };
    return {
      run: (...values) => guarded(() => Number(statement.run(...values).changes)),
      get: (...values) => guarded(() => toRow(statement.get(...values)) as Row | undefined),
      all: (...values) => guarded(() => toRows(statement.all(...values)) as Row[]),
    };
  }
}

/** How rows become arrays: Node 24 gives them as such, Node 22 as objects in the order of the columns. */
function asArrays(statement: StatementSync): { readonly toRow: (row: unknown) => unknown; readonly toRows: (rows: unknown[]) => unknown } {
  const { setReturnArrays } = statement as { setReturnArrays?: (this: StatementSync, enabled: boolean) => void };
  if (setReturnArrays) {
    setReturnArrays.call(statement, true);
    return { toRow: (row) => row, toRows: (rows) => rows };
  }
  const toRow = (row: unknown): unknown => (typeof row === 'object' && row !== null ? Object.values(row) : row);
  return { toRow, toRows: (rows) => rows.map(toRow) };
}
