const SIGNALS = ["SIGINT", "SIGTERM", "SIGHUP"] as const;
/** A terminal and npm may both pass the same Ctrl-C on. */
const SAME_INTERRUPTION_MS = 1_000;

/**
 * What a signal does from now on, as does the end of the process that started this one. Other listeners are removed: the
 * local Worker's would end the process at once.
 */
export function onInterruption(act: () => void): void {
  for (const signal of SIGNALS) {
    process.removeAllListeners(signal);
    process.on(signal, act);
  }
  process.removeAllListeners("disconnect");
  if (process.connected) process.on("disconnect", act);
}

/** Resolves at the first interruption; a second one, a second later or more, ends the process. */
export function interruption(): Promise<void> {
  return new Promise((resolve) => {
    let first: number | null = null;
    onInterruption(() => {
      if (first !== null && Date.now() - first > SAME_INTERRUPTION_MS) process.exit(130);
      first ??= Date.now();
      resolve();
    });
  });
}
