import * as z from "zod";
import { ADL_SOURCES, ADL_STATES, type AdlContract, type AdlStatus } from "../../../src/adl/adl-state.ts";
import { timeMs } from "../http/answer.ts";
import type { FieldsOf } from "./fields-of.ts";

export const ADL_STATE_TEXT =
  "normal: the venue says so, or its latest trades were ordinary ones. insurance_fund: the insurance fund took part in a trade. warning: the venue warns that it may deleverage. adl: positions are deleveraged.";

export const adlState = z.enum(ADL_STATES);
export const insuranceFundCurrency = z
  .string()
  .nullable()
  .meta({ description: "Currency of the balance; null where the venue does not name it.", examples: ["USDT"] });
export const insuranceFund = z
  .number()
  .nullable()
  .meta({
    description: "Balance of the insurance fund; null where the venue does not publish it, or has not for too long.",
    examples: [280_784_384.9],
  });

const contract = z
  .object({
    symbol: z.string().meta({ description: "Base asset.", examples: ["BTC"] }),
    instrument: z.string().meta({ description: "The venue's name of the contract.", examples: ["BTC-USDT-SWAP"] }),
    state: adlState.nullable().meta({
      description: `State of auto-deleveraging; null where the venue publishes none, or has not for too long. ${ADL_STATE_TEXT}`,
      examples: ["normal"],
    }),
    since: timeMs
      .nullable()
      .meta({ description: "Start of the state, by the venue's time, milliseconds since 1970 UTC; null with the state." }),
    covered_since: timeMs.meta({
      description: "Time since which the venue has published it without a pause, milliseconds since 1970 UTC.",
    }),
    received_time: timeMs.meta({ description: "Time at which it was last received, milliseconds since 1970 UTC." }),
    valid_until: timeMs.meta({ description: "Time at which it becomes null unless it is published again, milliseconds since 1970 UTC." }),
    insurance_fund: insuranceFund,
    insurance_fund_currency: insuranceFundCurrency,
  } satisfies FieldsOf<AdlContract>)
  .meta({ id: "AdlContract", description: "State of auto-deleveraging of a contract, as its venue publishes it." });

export const adlStatus = z
  .object({
    source: z.enum(ADL_SOURCES).meta({
      description:
        "Kind of what the venue publishes. states: it names the state. trade_flags: it marks trades of its insurance fund and of deleveraging. insurance_fund: it publishes the balance of the fund alone, so that every state is null.",
      examples: ["states"],
    }),
    changed_time: timeMs.nullable().meta({
      description: "Time at which a state other than normal last began or ended, milliseconds since 1970 UTC; null if there was none.",
    }),
    contracts: z.array(contract).meta({ description: "Contracts of which the venue published something." }),
  } satisfies FieldsOf<AdlStatus>)
  .meta({ id: "AdlStatus", description: "States of auto-deleveraging of a venue's contracts, as the venue publishes them." });
