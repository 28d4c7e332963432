import { expect, test } from "vitest";
import type { RelayClient } from "../../../durable-objects/stream-relay/relay-client.ts";
import { type OpeningDependencies, catchUp } from "../../../durable-objects/stream-relay/relay-opening.ts";
import type { RelaySender } from "../../../durable-objects/stream-relay/relay-sender.ts";

test("a client that was closed while it was sent what it missed is closed once", async () => {
  let isOpen = true;
  const closes: string[] = [];
  const client = { delivered: 0, filters: [], request: {}, reading: { skipped: null } } as unknown as RelayClient;
  const close = (by: string) => {
    closes.push(by);
    isOpen = false;
  };
  // As where `slow=close` was asked for, and more was not read than is held for a client.
  const deliver = () => {
    client.reading = { ...client.reading, skipped: { count: 1 } as never };
    close("deliver");
  };
  const deps: OpeningDependencies = {
    sender: { deliver, closeSlow: () => close("catchUp") } as unknown as RelaySender,
    now: () => 0,
    place: () => ({ epoch: "a", sequence: 5 }),
    read: async () => ({ after: 0, to: 5, frames: [] }),
    timeAfter: async () => null,
    isOpen: () => isOpen,
  };
  await catchUp(deps, client, "a");
  expect(closes).toEqual(["deliver"]);
});
