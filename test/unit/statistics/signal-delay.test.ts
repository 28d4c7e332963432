import { expect, test } from "vitest";
import { measureSignalDelay } from "../../../scripts/measure/signal-delay.ts";

test(
  "a spike is decided within 5 s, nine times in ten, where it would wait half a minute for its minute",
  { timeout: 120_000 },
  async () => {
    const { asked, byMinute } = await measureSignalDelay(1, 10);
    expect(asked.length).toBeGreaterThan(30);
    expect(asked.filter((delay) => delay <= 5_000).length / asked.length).toBeGreaterThanOrEqual(0.9);
    expect(byMinute.filter((delay) => delay <= 5_000).length / byMinute.length).toBeLessThan(0.3);
  },
);
