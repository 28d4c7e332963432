import { Component, type ComponentChildren } from "preact";

interface Props {
  readonly children: ComponentChildren;
}
interface State {
  readonly error: Error | null;
}

/** A fault in one screen or panel leaves the rest of the page standing. */
export class ErrorBoundary extends Component<Props, State> {
  override state: State = { error: null };

  static override getDerivedStateFromError(error: unknown): State {
    return { error: error instanceof Error ? error : new Error(String(error)) };
  }

  override componentDidCatch(error: unknown): void {
    console.error(error);
  }

  override render() {
    const { error } = this.state;
    if (error === null) return this.props.children;
    return (
      <div class="state state-failure" role="alert">
        <p class="state-title">This part of the page failed</p>
        <p>{error.message}</p>
        <div class="state-actions">
          <button type="button" class="button" onClick={() => this.setState({ error: null })}>
            Show it again
          </button>
        </div>
      </div>
    );
  }
}
