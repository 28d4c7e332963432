import { signal } from "@preact/signals";
import { useEffect, useState } from "preact/hooks";
import { api, ask } from "../../api/client.ts";
import { apiKey } from "../../api/key.ts";
import { useQuery } from "../../api/query.ts";
import type { Export } from "../../api/schema.ts";
import { countText, momentText, shareText } from "../../parts/format.ts";
import { Panel } from "../../parts/panel.tsx";
import { Empty, StateView } from "../../parts/state-view.tsx";
import { Age } from "../../parts/time.tsx";
import { DownloadButton } from "./download-button.tsx";
import { bytesText, fetchExport } from "./files.ts";

/** Raised when the form has made an export: the list is asked again. */
export const exportsMade = signal(0);

/** While one runs, its progress moves; else one may have been made elsewhere. */
const RUNNING_REFRESH_MS = 3_000;
const REFRESH_MS = 60_000;
const SHOWN = 20;

/** The exports of the visitor's key, the newest first, with their progress and files. */
export function Exports() {
  const key = apiKey.value;
  const list = useQuery(key === null ? null : "exports", () => ask(api.GET("/v1/exports", { params: { query: { limit: SHOWN } } })), {
    refreshMs: (rows) => (rows.some(isRunning) ? RUNNING_REFRESH_MS : REFRESH_MS),
  });
  const made = exportsMade.value;
  useEffect(() => {
    if (made > 0) list.reload();
  }, [made]);
  return (
    <Panel title="Exports">
      {key === null ? (
        <Empty>The exports of your API key are listed here.</Empty>
      ) : (
        <StateView loaded={list} isEmpty={(rows) => rows.length === 0} empty="This key has made no export yet.">
          {(rows) => (
            <ul class="export-list">
              {rows.map((row, index) => (
                <ExportRow key={row.export_id} row={row} isFirst={index === 0} />
              ))}
            </ul>
          )}
        </StateView>
      )}
    </Panel>
  );
}

function isRunning({ state }: Export): boolean {
  return state === "queued" || state === "running";
}

function ExportRow({ row, isFirst }: { readonly row: Export; readonly isFirst: boolean }) {
  const { request, state, progress, rows, bytes, error, created_time: created } = row;
  return (
    <li class="export-row">
      <div class="export-line">
        <span class={`export-state export-${state}`}>{state}</span>
        <span class="num">
          {momentText(request.start)} to {momentText(request.end)}
        </span>
      </div>
      <div class="export-line export-about">
        <span>{request.format}</span>
        <span class="num">{countText(rows)} rows</span>
        {bytes === null ? null : <span class="num">{bytesText(bytes)}</span>}
        <Age time={created} />
      </div>
      {isRunning(row) ? (
        <div class="export-line">
          <progress max={1} value={progress} aria-label={`Progress of the export ${row.export_id}`} />
          <span class="num">{shareText(progress)}</span>
        </div>
      ) : null}
      {error === null ? null : <p class="fault">{error}</p>}
      {state === "done" ? <ExportFiles id={row.export_id} isOpen={isFirst} /> : null}
    </li>
  );
}

/** The files of an export that is done, asked for when they are opened. */
function ExportFiles({ id, isOpen }: { readonly id: string; readonly isOpen: boolean }) {
  const [open, setOpen] = useState(isOpen);
  const one = useQuery(open ? `export ${id}` : null, () => ask(api.GET("/v1/exports/{id}", { params: { path: { id } } })));
  return (
    <details open={open} onToggle={({ currentTarget }) => setOpen(currentTarget.open)}>
      <summary>Files</summary>
      <StateView loaded={one}>
        {({ downloads }) => (
          <ul class="export-files">
            {downloads.map(({ name, rows, bytes }) => (
              <li key={name}>
                <span class="export-file">{name}</span>
                <span class="num">
                  {countText(rows)} rows, {bytesText(bytes)}
                </span>
                <DownloadButton name={name} label="Download" fetch={() => fetchExport(id, name)} />
              </li>
            ))}
          </ul>
        )}
      </StateView>
    </details>
  );
}
