import { WebSocket } from "ws";

export interface HeapMeter {
  /** The most that live JavaScript objects and ArrayBuffers took together so far, bytes; WebAssembly's memory is not in it. */
  peak(): number;
  stop(): void;
}

/**
 * Asks the inspector of a local Worker twice a second for the memory in use, each time after its garbage is collected:
 * the local runtime has no limit that would have it collected earlier, as a deployed Worker's 128 MB do.
 */
export async function startHeapMeter(inspectorUrl: string): Promise<HeapMeter> {
  const socket = new WebSocket(inspectorUrl);
  await new Promise<void>((open, fail) => {
    socket.once("open", open);
    socket.once("error", fail);
  });
  let peak = 0;
  let id = 0;
  const send = (method: string): void => {
    id += 1;
    socket.send(JSON.stringify({ id, method }));
  };
  socket.on("message", (data: Buffer) => {
    const { result } = JSON.parse(data.toString()) as { result?: { usedSize?: number; backingStorageSize?: number } };
    peak = Math.max(peak, (result?.usedSize ?? 0) + (result?.backingStorageSize ?? 0));
  });
  const timer = setInterval(() => {
    send("HeapProfiler.collectGarbage");
    send("Runtime.getHeapUsage");
  }, 500);
  return {
    peak: () => peak,
    stop() {
      clearInterval(timer);
      socket.close();
    },
  };
}
