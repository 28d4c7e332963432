import { Panel } from "../../parts/panel.tsx";
import { Link } from "../../shell/router.tsx";
import { useDays } from "./days-query.ts";

/** Under which terms the data may be used, by the operator, and where fields and methods are described. */
export function Terms() {
  const { data, meta } = useDays();
  const { url = null, contact = null } = meta?.licence ?? {};
  return (
    <Panel title="Terms and reference" class="terms">
      {data === null ? null : (
        <p class="data-note">
          {url === null ? (
            "The operator of this server states no licence: none is granted."
          ) : (
            <>
              The data come under <a href={url}>the operator’s terms</a>.
            </>
          )}
          {contact === null ? null : (
            <>
              {" "}
              Contact: <a href={contact.includes("://") ? contact : `mailto:${contact}`}>{contact}</a>.
            </>
          )}
        </p>
      )}
      <p class="data-note">
        <a href="/reference/data-dictionary">Data dictionary</a> · <a href="/reference/methodology">Methodology</a> ·{" "}
        <a href="/reference/known-limits">Known limits</a> · <a href="/reference/changelog">Changelog</a> ·{" "}
        <Link href="/venues">Coverage calendar</Link> · <a href="/reference/">All reference pages</a>
      </p>
    </Panel>
  );
}
