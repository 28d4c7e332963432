import { useState } from "preact/hooks";
import type { Outcome } from "../../api/client.ts";
import type { Failure } from "../../api/failure.ts";
import { openKeyDialog } from "../../shell/dialogs.ts";
import { saveAs } from "../../store/save-as.ts";

interface DownloadButtonProps {
  readonly name: string;
  readonly label: string;
  readonly fetch: () => Promise<Outcome<ArrayBuffer>>;
}

/** Downloads a file with the visitor's key. What was refused is said beside it. */
export function DownloadButton({ name, label, fetch }: DownloadButtonProps) {
  const [isBusy, setBusy] = useState(false);
  const [failure, setFailure] = useState<Failure | null>(null);
  const download = async () => {
    setBusy(true);
    const outcome = await fetch();
    setBusy(false);
    setFailure(outcome.kind === "failed" ? outcome.failure : null);
    if (outcome.kind === "ok") saveAs(outcome.data, name);
  };
  const needsKey = failure?.kind === "unauthorized" || failure?.kind === "forbidden";
  return (
    <span class="download">
      <button type="button" class="button" disabled={isBusy} aria-label={`Download ${name}`} onClick={() => void download()}>
        {isBusy ? "Downloading" : label}
      </button>
      {failure === null ? null : (
        <span class="download-fault" role="alert">
          {failure.detail}{" "}
          {needsKey ? (
            <button type="button" class="link" onClick={openKeyDialog}>
              Enter a key
            </button>
          ) : null}
        </span>
      )}
    </span>
  );
}
