import { signal } from "@preact/signals";
import type { Liquidation } from "../api/schema.ts";
import { shortUsd } from "../parts/format.ts";
import { serverNow } from "../stream/server-clock.ts";
import { alertUsdOf } from "./alert-rule.ts";
import { keep, readKept } from "./kept.ts";
import { onLiquidation } from "./live-store.ts";

/** Sound and browser notifications for large liquidations, on every screen: off until a visitor asks. Least USD; null is off. */
const CHOICES = [null, 100_000, 1_000_000] as const;
export const alertFrom = signal<(typeof CHOICES)[number]>(
  CHOICES.find((choice) => choice !== null && String(choice) === readKept("alert-usd")) ?? null,
);

const MIN_PAUSE_MS = 1_000;
const TONE_S = 0.12;
/** Browsers allow sound only once the visitor has pressed something, which a kept choice does not do. */
const GESTURES = ["pointerdown", "pointerup", "keydown"] as const;
let lastTime = 0;
let audio: AudioContext | null = null;

/** Called once, when the page starts. */
export function startAlerts(): void {
  onLiquidation(alert);
  for (const gesture of GESTURES) addEventListener(gesture, openAudio);
}

/** Chooses the next size, or none. @returns whether alerts are on now */
export function chooseNextAlert(): boolean {
  const next = CHOICES[(CHOICES.indexOf(alertFrom.peek()) + 1) % CHOICES.length] ?? null;
  alertFrom.value = next;
  keep("alert-usd", next === null ? null : String(next));
  openAudio();
  return next !== null;
}

function openAudio(): void {
  if (alertFrom.peek() === null || audio?.state === "running") return;
  try {
    audio ??= new AudioContext();
    audio.resume().catch(() => undefined);
  } catch {
    // A device without sound: notifications still come.
  }
}

function alert(event: Liquidation): void {
  const usd = alertUsdOf(event, alertFrom.peek(), serverNow());
  if (usd === null || Date.now() - lastTime < MIN_PAUSE_MS) return;
  lastTime = Date.now();
  playTone(event.position_side === "long" ? 330 : 660);
  if (document.hidden) notify(event, usd);
}

function notify({ symbol, position_side: side, exchange }: Liquidation, usd: number): void {
  if (!("Notification" in globalThis) || Notification.permission !== "granted") return;
  try {
    void new Notification(`${symbol} ${side} ${shortUsd(usd)}`, { body: `liquidated on ${exchange}`, tag: "liquidation" });
  } catch {
    // Android allows notifications only to service workers.
  }
}

/** Longs sound low, shorts high. */
function playTone(hertz: number): void {
  if (audio?.state !== "running") return;
  const [tone, volume] = [audio.createOscillator(), audio.createGain()];
  tone.frequency.value = hertz;
  volume.gain.setValueAtTime(0.08, audio.currentTime);
  volume.gain.exponentialRampToValueAtTime(0.001, audio.currentTime + TONE_S);
  tone.connect(volume).connect(audio.destination);
  tone.start();
  tone.stop(audio.currentTime + TONE_S);
}
