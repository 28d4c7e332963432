import { shortUsd } from "../../parts/format.ts";
import { Icon } from "../../shell/icon.tsx";
import { addNotice } from "../../shell/notices.tsx";
import { alertFrom, chooseNextAlert } from "../../store/alerts.ts";

/** Chooses from which size on liquidations sound and notify. */
export function AlertButton() {
  const chosen = alertFrom.value;
  const name = chosen === null ? "Sound and notifications are off" : `Sound and notifications from ${shortUsd(chosen)}`;
  return (
    <button type="button" class="icon-button alert-button" aria-label={name} title={name} aria-pressed={chosen !== null} onClick={choose}>
      <Icon name="sound" />
      {chosen === null ? null : <span class="alert-text">{shortUsd(chosen).replace(".00", "")}</span>}
    </button>
  );
}

function choose(): void {
  if (chooseNextAlert()) void askForNotifications();
}

async function askForNotifications(): Promise<void> {
  if (!("Notification" in globalThis) || Notification.permission === "granted") return;
  const permission = await Notification.requestPermission();
  if (permission === "denied") addNotice("This browser does not allow notifications here; large liquidations only sound.");
}
