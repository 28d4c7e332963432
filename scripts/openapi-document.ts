import { loadWorkerModule } from "./worker-modules.ts";

/** The document the Worker serves at `/openapi.json`, as its text, made without running the Worker. */
export async function openApiText(): Promise<string> {
  const { openApiDocument } = (await loadWorkerModule("workers/api/openapi/openapi-document.ts")) as {
    openApiDocument: (operations: unknown) => object;
  };
  const { OPERATIONS } = (await loadWorkerModule("workers/api/operations.ts")) as { OPERATIONS: unknown };
  return JSON.stringify(openApiDocument(OPERATIONS));
}
