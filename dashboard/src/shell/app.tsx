import { signal } from "@preact/signals";
import type { ComponentType } from "preact";
import { useEffect } from "preact/hooks";
import { ErrorBoundary } from "../parts/error-boundary.tsx";
import { HintLayer } from "../parts/hint.tsx";
import { Loading } from "../parts/state-view.tsx";
import { SCREENS, type Screen, type ScreenProps, screenOf } from "../screens/screens.ts";
import { Connection } from "./connection.tsx";
import { Icon } from "./icon.tsx";
import { KeyDialog } from "./key-dialog.tsx";
import { KeysDialog } from "./keys-dialog.tsx";
import { Notices } from "./notices.tsx";
import { Link, path, withSymbol } from "./router.tsx";
import { openDialog } from "./dialogs.ts";
import { ThemeButton } from "./theme-button.tsx";

/** The frame around every screen. */
export function App() {
  const found = screenOf(path.value);
  const title = found?.screen.title ?? "Not found";
  useEffect(() => {
    document.title = `${title} · Liquidations`;
  }, [title]);
  return (
    <>
      <a class="skip-link" href="#screen">
        Skip to the screen
      </a>
      <header class="top">
        <Link href={withSymbol("/")} class="brand" aria-label="Liquidations, live">
          <svg class="brand-mark" viewBox="0 0 20 20" aria-hidden="true">
            <path class="brand-long" d="M2 3h7v3L5.500 12 2 6z" />
            <path class="brand-short" d="M11 17h7v-3L14.500 8 11 14z" />
          </svg>
          <span class="brand-name">Liquidations</span>
        </Link>
        <nav class="screens" aria-label="Screens">
          {SCREENS.map((screen) => (
            <Link
              key={screen.path}
              href={withSymbol(screen.path)}
              class="screen-link"
              aria-current={screen === found?.screen ? "page" : undefined}
              aria-keyshortcuts={screen.key}
            >
              <Icon name={screen.icon} />
              <span>{screen.title}</span>
            </Link>
          ))}
        </nav>
        <div class="top-end">
          <Connection />
          <button type="button" class="icon-button" aria-label="API key" title="API key" onClick={() => (openDialog.value = "key")}>
            <Icon name="key" />
          </button>
          <ThemeButton />
          <button
            type="button"
            class="icon-button wide-only"
            aria-label="Keyboard keys"
            title="Keys (?)"
            onClick={() => (openDialog.value = "keys")}
          >
            <Icon name="keyboard" />
          </button>
        </div>
      </header>
      <Notices />
      <main id="screen" tabIndex={-1}>
        <ErrorBoundary key={found?.screen.path}>
          {found === null ? <NoScreen /> : <LoadedScreen screen={found.screen} below={found.below} />}
        </ErrorBoundary>
      </main>
      <KeyDialog />
      <KeysDialog />
      <HintLayer />
    </>
  );
}

/** Screens are loaded when they are first opened. */
const loaded = signal<ReadonlyMap<Screen, ComponentType<ScreenProps> | Error>>(new Map());

async function load(screen: Screen): Promise<void> {
  const got = await screen.load().catch((error: unknown) => (error instanceof Error ? error : new Error(String(error))));
  loaded.value = new Map(loaded.peek()).set(screen, got);
}

function LoadedScreen({ screen, below }: ScreenProps & { readonly screen: Screen }) {
  const content = loaded.value.get(screen);
  useEffect(() => {
    if (content === undefined) void load(screen);
  }, [screen, content]);
  if (content === undefined) return <Loading />;
  if (content instanceof Error) return <NotLoaded />;
  const Content = content;
  return <Content below={below} />;
}

/** A part of the page is missing: most often a new version was deployed while this one was open. */
function NotLoaded() {
  return (
    <div class="state state-failure" role="alert">
      <p class="state-title">This screen could not be loaded</p>
      <p>A new version may have been deployed while this page was open.</p>
      <div class="state-actions">
        <button type="button" class="button" onClick={() => location.reload()}>
          Load the page again
        </button>
      </div>
    </div>
  );
}

function NoScreen() {
  return (
    <div class="state state-failure">
      <h1 class="state-title">There is no such screen</h1>
      <p>The address may be old, or mistyped.</p>
      <div class="state-actions">
        <Link href="/" class="button">
          Go to Live
        </Link>
      </div>
    </div>
  );
}
