import { WebSocket } from "ws";

export interface HeapMeter {
  /** The largest heap in use seen so far, bytes. */
  peak(): number;
  stop(): void;
}

/** Asks the inspector of a local Worker once a second for the JavaScript heap in use. */
export async function startHeapMeter(inspectorUrl: string): Promise<HeapMeter> {
  const socket = new WebSocket(inspectorUrl);
  await new Promise<void>((open, fail) => {
    socket.once("open", open);
    socket.once("error", fail);
  });
  let peak = 0;
  let id = 0;
  socket.on("message", (data: Buffer) => {
    const { result } = JSON.parse(data.toString()) as { result?: { usedSize?: number } };
    peak = Math.max(peak, result?.usedSize ?? 0);
  });
  const timer = setInterval(() => {
    id += 1;
    socket.send(JSON.stringify({ id, method: "Runtime.getHeapUsage" }));
  }, 1_000);
  return {
    peak: () => peak,
    stop() {
      clearInterval(timer);
      socket.close();
    },
  };
}
