import type { FeedProbe } from "../../../src/exchanges/exchange.ts";
import { type ProbeOutcome, ProbeRun } from "../../../src/exchanges/feed-probe.ts";
import { HttpStatusError } from "../../../src/http-status-error.ts";
import { messageOf } from "../../../src/message-of.ts";
import { within } from "../../../src/within.ts";
import { frameText } from "./frame-text.ts";
import { closeQuietly, type SessionDependencies } from "./socket-session.ts";

/** Maximum time for the venue to answer the upgrade. */
const OPEN_TIMEOUT_MS = 10_000;
/** How long an answer to one topic is waited for: venues answer within a second. */
const ANSWER_MS = 2_000;

/** Opens a socket of its own, asks for each topic of a probe and closes it. Never rejects: a failure is an outcome. */
export async function probeVenue(
  probe: FeedProbe,
  url: string,
  deps: SessionDependencies,
  answerMs: number = ANSWER_MS,
): Promise<ProbeOutcome> {
  const run = new ProbeRun(probe);
  try {
    await ask(run, await within(OPEN_TIMEOUT_MS, (signal) => upgrade(probe, url, deps, signal)), answerMs);
  } catch (error) {
    run.fail(messageOf(error));
  }
  return run.outcome;
}

async function upgrade(probe: FeedProbe, url: string, deps: SessionDependencies, signal: AbortSignal): Promise<WebSocket> {
  const address = await probe.address(deps.request, url, crypto.randomUUID());
  const response = await deps.fetch(address.url, { headers: { ...address.headers, Upgrade: "websocket" }, signal });
  if (response.webSocket === null) throw HttpStatusError.of(response, address.url, await response.text(), deps.now());
  return response.webSocket;
}

/** Resolves once the run is over. */
function ask(run: ProbeRun, socket: WebSocket, answerMs: number): Promise<void> {
  return new Promise((resolve) => {
    let timer: ReturnType<typeof setTimeout> | undefined;
    let waitsFor = Number.NaN;
    const step = (frames: readonly string[]): void => {
      for (const frame of frames) sendOrFail(run, socket, frame);
      if (run.isOver) {
        clearTimeout(timer);
        closeQuietly(socket);
        resolve();
      } else if (run.asked !== waitsFor) {
        waitsFor = run.asked;
        clearTimeout(timer);
        timer = setTimeout(() => step(run.skip()), answerMs);
      }
    };
    socket.binaryType = "arraybuffer";
    socket.addEventListener("message", ({ data }) => step(run.receive(frameText(data).text)));
    socket.addEventListener("close", ({ code, reason }) => step(run.fail(`closed with ${code} ${reason}`.trim())));
    socket.addEventListener("error", ({ message }) => step(run.fail(message || "socket error")));
    socket.accept();
    step(run.opened());
  });
}

function sendOrFail(run: ProbeRun, socket: WebSocket, frame: string): void {
  try {
    socket.send(frame);
  } catch {
    run.fail("could not send");
  }
}
