import * as z from "zod";
import type { ResolveName } from "./address-guard.ts";
import { within } from "../within.ts";

export const CLOUDFLARE_DNS = "https://cloudflare-dns.com/dns-query";
const TIMEOUT_MS = 3_000;

/** Record types: https://www.iana.org/assignments/dns-parameters. An alias (CNAME) precedes the addresses it leads to. */
const A = 1;
const AAAA = 28;
const NO_ERROR = 0;
const NO_SUCH_NAME = 3;

const reply = z.object({ Status: z.int(), Answer: z.array(z.object({ type: z.int(), data: z.string() })).default([]) });

/**
 * Resolves names with DNS over HTTPS in JSON.
 * @see https://developers.cloudflare.com/1.1.1.1/encryption/dns-over-https/make-api-requests/dns-json/
 */
export function dnsOverHttps(send: typeof fetch, server: string = CLOUDFLARE_DNS): ResolveName {
  const ask = async (name: string, type: number): Promise<readonly string[]> => {
    const url = `${server}?name=${encodeURIComponent(name)}&type=${type}`;
    const text = await within(TIMEOUT_MS, async (signal) => {
      const response = await send(url, { headers: { accept: "application/dns-json" }, signal });
      if (!response.ok) throw new Error(`the name server returned HTTP ${response.status}`);
      return response.text();
    });
    const { Status, Answer } = reply.parse(JSON.parse(text));
    if (Status !== NO_ERROR && Status !== NO_SUCH_NAME) throw new Error(`the name server returned code ${Status}`);
    return Answer.filter((record) => record.type === type).map((record) => record.data);
  };
  return async (name) => (await Promise.all([ask(name, A), ask(name, AAAA)])).flat();
}
