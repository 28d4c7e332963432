/** Whether the commands of a block ask a Worker. They are run on a built one, except those of other programs. */
export function isRunOnWorker(text: string): boolean {
  return /\$WORKER|localhost:8787/.test(text) && !text.startsWith("claude ");
}
