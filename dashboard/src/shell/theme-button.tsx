import { type Theme, theme } from "../store/preferences.ts";
import { Icon } from "./icon.tsx";

const NEXT: Readonly<Record<Theme, Theme>> = { system: "light", light: "dark", dark: "system" };
const NAMES: Readonly<Record<Theme, string>> = { system: "as the system", light: "light", dark: "dark" };

export function ThemeButton() {
  const chosen = theme.value;
  const name = `Theme: ${NAMES[chosen]}`;
  return (
    <button type="button" class="icon-button" aria-label={name} title={name} onClick={() => (theme.value = NEXT[chosen])}>
      <Icon name={chosen} />
    </button>
  );
}
