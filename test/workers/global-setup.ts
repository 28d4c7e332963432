import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import type { TestProject } from "vitest/node";
import { type Control, startControl } from "../../scripts/simulator/control.ts";
import { environment, startVenues, type StartOptions, type Venues } from "../../scripts/simulator/start-venues.ts";
import { startProbedVenues } from "./cron/probed-venues.ts";
import { startSupabaseMaker } from "./supabase/start-supabase-maker.ts";
import { startChatServer } from "./webhooks/chat-server.ts";
import { startWebhookReceiver } from "./webhooks/webhook-receiver.ts";

interface Started {
  readonly venues: Venues;
  readonly control: Control;
}

/**
 * Servers for tests in workerd, which cannot listen themselves. Those of venues come from a maker of sets (POST its options):
 * one for each runtime, which its Worker's variables point at, and further ones for tests that build a feed of their own.
 */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const started: Started[] = [];
  const start = async (options: StartOptions) => {
    const venues = await startVenues(options);
    const control = await startControl(venues, 0);
    started.push({ venues, control });
    return { control: control.url, variables: environment(venues) };
  };
  const receiver = await startWebhookReceiver();
  const chats = await startChatServer();
  const probed = await startProbedVenues();
  const supabaseMaker = await startSupabaseMaker();
  const maker = createServer((request, response) => {
    void (async () => {
      let body = "";
      for await (const part of request) body += String(part);
      response.end(JSON.stringify(await start(JSON.parse(body) as StartOptions)));
    })();
  });
  await new Promise<void>((resolve) => maker.listen(0, "127.0.0.1", resolve));
  project.provide(
    "serverVariables" as never,
    {
      // The receiver is on loopback, where webhooks go in local development only.
      LOCAL_DEVELOPMENT: "true",
      WEBHOOK_RECEIVER_URL: receiver.url,
      CHAT_SERVER_URL: chats.url,
      PROBED_VENUES_URL: probed.url,
      SUPABASE_MAKER_URL: supabaseMaker.url,
      VENUE_MAKER_URL: `http://127.0.0.1:${(maker.address() as AddressInfo).port}`,
    } as never,
  );
  return async () => {
    maker.close();
    receiver.stop();
    chats.stop();
    probed.stop();
    await supabaseMaker.stop();
    await Promise.all(started.flatMap(({ venues, control }) => [control.stop(), venues.stop()]));
  };
}
