import * as z from "zod";
import { metricsOf } from "../../../src/metrics.ts";
import { PROMETHEUS_TYPE, prometheusText } from "../../../src/prometheus.ts";
import { readDeadLetters } from "../../d1/dead-letters.ts";
import { readJobRuns } from "../../d1/job-runs.ts";
import { partOutages } from "../../d1/part-outages.ts";
import { readPlatformUsage } from "../../usage/platform-usage.ts";
import type { Operation } from "../http/operation.ts";
import { readQuery } from "../http/read-parameters.ts";

const none = z.strictObject({});

/** The state of the Worker for Prometheus. */
export const metricsRoute: Operation = {
  method: "GET",
  path: "/metrics",
  access: "admin",
  doc: {
    id: "getMetrics",
    tag: "Status",
    summary: "Get the metrics",
    description:
      "Returns metrics in the text format of Prometheus: per venue its state, events, gaps and what it lost; per store its backlog, lag and refused rows; per job its runs, failures, durations and rows of D1; dead letters; what Cloudflare bills. Send the `ADMIN_TOKEN`, or better a key of its own with the scope `admin`, as a bearer token.",
    params: none,
    query: none,
    headers: none,
    body: null,
    success: { status: 200, description: "The metrics.", content: { "text/plain": z.string() }, headers: [] },
    alternatives: {},
    problems: [],
    example: {},
  },
  async handle(c) {
    readQuery(c, none);
    const { now, feedStatuses } = c.get("deps");
    const [feeds, jobs, deadLetters, outages, usage] = await Promise.all([
      feedStatuses(c.env, c.get("config")),
      readJobRuns(c.env.DB),
      readDeadLetters(c.env.DB),
      partOutages(c.env.DB),
      readPlatformUsage(c.env.DB, now()),
    ]);
    const text = prometheusText(metricsOf({ now: now(), feeds, jobs, deadLetters, outages, usage }));
    return c.body(text, 200, { "Content-Type": PROMETHEUS_TYPE });
  },
};
