import { expect, test } from "vitest";
import { withheldText } from "../../../dashboard/src/screens/status/silence-text.ts";

const of = (exchange: "okx" | "bybit" | "gate", reason: string) => ({ exchange, reason });

test("venues that are not judged are one sentence for each reason, with the venues where reasons differ", () => {
  expect(withheldText([of("okx", "a day is known"), of("bybit", "a day is known")])).toBe("No venue is judged yet: a day is known.");
  expect(withheldText([of("okx", "a day is known"), of("gate", "it is quiet"), of("bybit", "a day is known")])).toBe(
    "No venue is judged yet. okx, bybit: a day is known. gate: it is quiet.",
  );
});
