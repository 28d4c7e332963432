import type { ComponentChildren } from "preact";
import type { Failure } from "../api/failure.ts";
import type { Loaded } from "../api/query.ts";
import { apiKey } from "../api/key.ts";
import { openKeyDialog } from "../shell/dialogs.ts";
import { spanText } from "./format.ts";

interface StateViewProps<Data> {
  readonly loaded: Loaded<Data> & { readonly reload: () => void };
  /** Whether the answer has nothing to show. */
  readonly isEmpty?: (data: Data) => boolean;
  /** What to expect here, and when: a fresh deployment has no data yet. */
  readonly empty?: ComponentChildren;
  readonly children: (data: Data) => ComponentChildren;
}

/** What a panel shows of an answer: the data, or why there is none. Data that is there stays when a refresh fails. */
export function StateView<Data>({ loaded, isEmpty, empty, children }: StateViewProps<Data>) {
  const { data, failure, reload } = loaded;
  if (data === null) return failure === null ? <Loading /> : <FailureView failure={failure} reload={reload} />;
  const isNothing = isEmpty?.(data) === true;
  return (
    <>
      {failure === null ? null : <StaleNotice failure={failure} reload={reload} />}
      {isNothing ? <Empty>{empty ?? "There is nothing here yet."}</Empty> : children(data)}
    </>
  );
}

export function Loading() {
  return (
    <div class="state state-loading" role="status">
      <span class="loading-bar" aria-hidden="true" />
      <span class="sr-only">Loading</span>
    </div>
  );
}

export function Empty({ children }: { readonly children: ComponentChildren }) {
  return <div class="state state-empty">{children}</div>;
}

interface FailureViewProps {
  readonly failure: Failure;
  readonly reload: () => void;
}

/** Why there is no data, and what the visitor can do about it. */
export function FailureView({ failure, reload }: FailureViewProps) {
  const needsKey = failure.kind === "unauthorized" || failure.kind === "forbidden";
  return (
    <div class={`state state-failure state-${failure.kind}`} role="alert">
      <p class="state-title">{titleOf(failure)}</p>
      <p>{failure.detail}</p>
      {failure.nearest.length === 0 ? null : <p>Did you mean {failure.nearest.join(", ")}?</p>}
      {failure.requestId === null ? null : <p class="state-id">Request {failure.requestId}</p>}
      <div class="state-actions">
        {needsKey ? (
          <button type="button" class="button" onClick={openKeyDialog}>
            {apiKey.value === null ? "Enter an API key" : "Change the API key"}
          </button>
        ) : null}
        {failure.kind === "bad_request" ? null : (
          <button type="button" class="button" onClick={reload}>
            Try again
          </button>
        )}
      </div>
    </div>
  );
}

/** The last answer stays; this says that it is not the newest. */
export function StaleNotice({ failure, reload }: FailureViewProps) {
  return (
    <p class="state-stale" role="status">
      Not updated: {failure.detail}{" "}
      <button type="button" class="link" onClick={reload}>
        Try again
      </button>
    </p>
  );
}

function titleOf({ kind, retryAfterMs }: Failure): string {
  switch (kind) {
    case "unauthorized":
      return "This needs an API key";
    case "forbidden":
      return "Your API key does not allow this";
    case "not_found":
      return "Not found";
    case "limited":
      return retryAfterMs === null ? "Too many requests" : `Too many requests: next attempt in ${spanText(retryAfterMs)}`;
    case "bad_request":
      return "The request was not accepted";
    case "offline":
      return "No connection to the server";
    case "timeout":
      return "The server takes too long";
    case "server":
      return "The server failed";
  }
}
