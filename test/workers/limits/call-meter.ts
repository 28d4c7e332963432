/** Counts the calls of bindings that Cloudflare counts as subrequests. */
export class CallMeter {
  calls = 0;

  /** The same bindings, each call of which is counted: statements and batches, operations of buckets, calls of objects. */
  around<Bindings extends object>(env: Bindings): Bindings {
    const counted = Object.entries(env).map(([name, binding]) => {
      if (name === "DB") return [name, this.#database(binding as D1Database)];
      if (name === "BUCKET") return [name, this.#bucket(binding as R2Bucket)];
      if (typeof binding === "object" && binding !== null && "getByName" in binding) return [name, this.#namespace(binding)];
      return [name, binding];
    });
    return Object.fromEntries(counted) as Bindings;
  }

  #bucket(bucket: R2Bucket): R2Bucket {
    return this.#methods(bucket, {
      createMultipartUpload: async (...given) => {
        this.calls += 1;
        return this.#methods(await bucket.createMultipartUpload(...(given as [string])));
      },
    });
  }

  #database(db: D1Database): D1Database {
    const plain = new WeakMap<object, D1PreparedStatement>();
    const statement = (one: D1PreparedStatement): D1PreparedStatement => {
      const counted = this.#methods(one, { bind: (...values) => statement(one.bind(...values)) });
      plain.set(counted, one);
      return counted;
    };
    return this.#methods(db, {
      prepare: (sql) => statement(db.prepare(String(sql))),
      batch: (statements) => {
        this.calls += 1;
        return db.batch((statements as D1PreparedStatement[]).map((one) => plain.get(one) ?? one));
      },
    });
  }

  #namespace(namespace: object): object {
    const { getByName } = namespace as { getByName: (...given: unknown[]) => object };
    return this.#methods(namespace, { getByName: (...given) => this.#methods(getByName.apply(namespace, given)) });
  }

  /** An object whose methods count, except these, which do something else. */
  #methods<Target extends object>(target: Target, others: Readonly<Record<string, (...given: unknown[]) => unknown>> = {}): Target {
    return new Proxy(target, {
      get: (_, name) => {
        const other = typeof name === "string" ? others[name] : undefined;
        if (other !== undefined) return other;
        const value: unknown = Reflect.get(target, name, target);
        if (typeof value !== "function") return value;
        return (...given: unknown[]) => {
          this.calls += 1;
          return Reflect.apply(value, target, given) as unknown;
        };
      },
    });
  }
}
