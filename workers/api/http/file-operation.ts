import * as z from "zod";
import type { Access } from "../../access/caller.ts";
import { addDownload } from "../../access/usage.ts";
import type { ApiContext } from "./api-env.ts";
import { ifNoneMatch } from "./entity-tag.ts";
import type { Operation, Success, Tag } from "./operation.ts";
import type { ProblemCode } from "./problem.ts";
import { readHeaders, readParams, readQuery } from "./read-parameters.ts";
import { type ServedFile, serveFile } from "./serve-file.ts";

const none = z.strictObject({});

const fileHeaders = z.object({
  Range: z
    .string()
    .max(1_000, "must be one range of bytes")
    .optional()
    .meta({ description: "One range of bytes, such as bytes=0-1023.", example: "bytes=0-1023" }),
  "If-Range": z
    .string()
    .max(1_000, "must be an ETag")
    .optional()
    .meta({ description: "The ETag the range belongs to. If the file has another ETag, the whole file is returned." }),
  "If-None-Match": ifNoneMatch,
});

interface FileOperation<Params extends z.ZodObject> {
  readonly path: string;
  readonly access: Access;
  readonly needs?: Access;
  readonly id: string;
  readonly tag: Tag;
  readonly summary: string;
  readonly description?: string;
  readonly params: Params;
  readonly contentTypes: readonly string[];
  readonly problems: readonly ProblemCode[];
  /** Finds the object to serve, or refuses the request. */
  readonly file: (c: ApiContext, params: z.output<Params>) => Promise<ServedFile>;
}

/** A download, whole or in ranges, with an ETag. Its bytes count towards the usage of the caller's key. */
export function fileOperation<Params extends z.ZodObject>(route: FileOperation<Params>): Operation {
  const content = Object.fromEntries(route.contentTypes.map((type) => [type, null]));
  const headers = ["ETag", "Accept-Ranges", "Content-Length", "Content-Disposition", "Repr-Digest"] as const;
  const partial: Success = { status: 206, description: "The requested range.", content, headers: [...headers, "Content-Range"] };
  const unchanged: Success = {
    status: 304,
    description: "The file is unchanged since the version in `If-None-Match`.",
    content: {},
    headers: ["ETag", "Accept-Ranges"],
  };
  return {
    method: "GET",
    path: route.path,
    access: route.access,
    doc: {
      id: route.id,
      tag: route.tag,
      ...(route.needs === undefined ? {} : { needs: route.needs }),
      summary: route.summary,
      description:
        route.description ??
        "Returns the whole file or one range of bytes. `Repr-Digest` is the SHA-256 of the whole file. A text file is compressed in transit if `Accept-Encoding` contains gzip and the request has no range.",
      params: route.params,
      query: none,
      headers: fileHeaders,
      body: null,
      success: { status: 200, description: "The file.", content, headers },
      alternatives: { 206: partial, 304: unchanged },
      problems: [...route.problems, "range_not_satisfiable"],
      example: {},
    },
    async handle(c) {
      readQuery(c, none);
      readHeaders(c, fileHeaders);
      const file = await route.file(c, readParams(c, route.params) as z.output<Params>);
      const { response, bytes } = await serveFile(c, file);
      const caller = c.get("caller");
      if (caller.kind === "key" && bytes > 0) {
        const { now } = c.get("deps");
        await addDownload(c.env.DB, caller.key.key_id, now(), bytes).run();
      }
      return response;
    },
  };
}
