import { loadWorkerModule } from "./worker-modules.ts";

/** The text of the document at `/openapi.json`, built without running the Worker. */
export async function openApiText(): Promise<string> {
  const { openApiDocument } = (await loadWorkerModule("workers/api/openapi/openapi-document.ts")) as {
    openApiDocument: (operations: unknown) => object;
  };
  const { OPERATIONS } = (await loadWorkerModule("workers/api/operations.ts")) as { OPERATIONS: unknown };
  return JSON.stringify(openApiDocument(OPERATIONS));
}

/** The text of the document at `/asyncapi.json`, built without running the Worker. */
export async function asyncApiText(): Promise<string> {
  const { asyncApiDocument } = (await loadWorkerModule("workers/api/asyncapi/asyncapi-document.ts")) as {
    asyncApiDocument: (operations: unknown) => object;
  };
  const { OPERATIONS } = (await loadWorkerModule("workers/api/operations.ts")) as { OPERATIONS: unknown };
  return JSON.stringify(asyncApiDocument(OPERATIONS));
}
