import type { Meta, paths } from "./api.d.ts";

type Get<Path extends keyof paths> = paths[Path] extends { get: infer Operation } ? Operation : never;
type BodyOf<Path extends keyof paths> =
  Get<Path> extends { responses: { 200: { content: { "application/json": infer Body } } } } ? Body : never;
type AllOf<Path extends keyof paths> = Get<Path> extends { parameters: { query?: infer Query } } ? NonNullable<Query> : never;

/** A path whose `GET` returns a list in pages. */
export type ListPath = {
  [Path in keyof paths]: BodyOf<Path> extends { data: readonly unknown[] } ? ("cursor" extends keyof AllOf<Path> ? Path : never) : never;
}[keyof paths];

/** The parameters of a list; the client follows the cursor. */
export type ListQuery<Path extends ListPath> = Omit<AllOf<Path>, "cursor">;
/** One item of a list. */
export type RowOf<Path extends ListPath> = BodyOf<Path> extends { data: readonly (infer Row)[] } ? Row : never;

/** One page of a list, as the API returns it. */
export interface Page<Row> {
  readonly data: readonly Row[];
  readonly meta: Meta & { readonly next_cursor: string | null };
}

/**
 * A list of the API: its rows to iterate over, page after page, until the last one. `pages()` has the pages themselves.
 * Each iteration begins at the first page.
 */
export class List<Row> implements AsyncIterable<Row> {
  readonly #read: (cursor: string | null) => Promise<Page<Row>>;
  #meta: Page<Row>["meta"] | null = null;

  constructor(read: (cursor: string | null) => Promise<Page<Row>>) {
    this.#read = read;
  }

  /** `meta` of the last page that was read: coverage, gaps, and what could not be answered. Null before the first one. */
  get meta(): Page<Row>["meta"] | null {
    return this.#meta;
  }

  async *pages(): AsyncGenerator<Page<Row>, void> {
    for (let cursor: string | null = null, isFirst = true; isFirst || cursor !== null; isFirst = false) {
      const page: Page<Row> = await this.#read(cursor);
      this.#meta = page.meta;
      yield page;
      cursor = page.meta.next_cursor;
    }
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Row, void> {
    for await (const { data } of this.pages()) yield* data;
  }
}
