import { countText } from "../../parts/format.ts";
import { useScoreboard } from "./scoreboard.ts";

/** Says first what counts most: whether the record of who decides now shows that it earns. */
export function PaperBanner() {
  const { data, failure } = useScoreboard();
  if (data === null && failure === null) return null;
  if (data === null) {
    return (
      <p class="paper-banner">
        <strong>Do not act on these signals.</strong> Whether they count or are on paper is not known now: the scoreboard did not come.
      </p>
    );
  }
  const {
    analyst,
    model,
    paper,
    wealth,
    episodes,
    unmuted_at: unmutedAt,
    muted_under: mutedUnder,
    missing_episodes: missing,
  } = data.serving;
  const name = model ?? analyst;
  if (!paper) {
    return (
      <p class="paper-banner paper-banner-live">
        <strong>Not on paper.</strong> The record of {name} reached a wealth of {unmutedAt}, and its signals count until it falls under{" "}
        {mutedUnder}. Wealth <span class="num">{wealth.toFixed(2)}</span> over <span class="num">{episodes}</span> episodes.
      </p>
    );
  }
  return (
    <p class="paper-banner">
      <strong>Paper: do not act on these signals.</strong> The record of {name} does not show that it earns: wealth{" "}
      <span class="num">{wealth.toFixed(2)}</span> of <span class="num">{unmutedAt}</span> over <span class="num">{episodes}</span>{" "}
      {episodes === 1 ? "episode" : "episodes"}.{" "}
      {missing === null
        ? "At this rate it never gets there."
        : `About ${countText(missing)} further episodes like those before would end paper.`}
    </p>
  );
}
