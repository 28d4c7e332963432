import type { Claim, ObservedSocket, Observations } from "../observations.ts";

export function sessionClaims(seen: Observations): readonly Claim[] {
  return [
    ...seen.sockets.flatMap((socket) => [connected(socket), confirmed(socket), delivers(socket), kept(socket, seen)]),
    readable(seen),
  ];
}

function connected(socket: ObservedSocket): Claim {
  const claim = `The socket \`${socket.name}\` opens, and delivers.`;
  const ends = socket.ends.length === 0 ? "" : `; ended: ${socket.ends.join("; ")}`;
  const detail = `${socket.opened} opened, ${socket.flowed} delivered, ${socket.frames} frames, ${socket.bytes} bytes${ends}`;
  const verdict = socket.flowed > 0 ? "seen" : socket.opened > 0 ? "contradicted" : "not reached";
  return { about: "Session", claim, verdict, detail };
}

function confirmed({ name, opened, wanted, confirmed: got, refused }: ObservedSocket): Claim {
  const claim = `Subscriptions of \`${name}\` to liquidations are confirmed.`;
  if (wanted.length === 0)
    return { about: "Session", claim, verdict: "not seen", detail: "the venue confirms none, or the socket has none" };
  const missing = wanted.filter((topic) => !got.includes(topic));
  const notConfirmed = missing.length === 0 ? "" : `; not: ${missing.slice(0, 10).join(", ")}`;
  const refusals = refused.length === 0 ? "" : `; refused: ${refused.slice(0, 10).join("; ")}`;
  const detail = `${wanted.length - missing.length} of ${wanted.length}${notConfirmed}${refusals}`;
  const verdict = missing.length === 0 ? "seen" : opened > 0 ? "contradicted" : "not seen";
  return { about: "Session", claim, verdict, detail };
}

function delivers({ name, flowed, controlTimeoutMs, longestSilenceMs }: ObservedSocket): Claim {
  const claim = `The control stream of \`${name}\` is never silent for ${controlTimeoutMs / 1_000} s.`;
  const verdict = longestSilenceMs >= controlTimeoutMs ? "contradicted" : flowed > 0 ? "seen" : "not seen";
  return { about: "Session", claim, verdict, detail: `longest silence ${(longestSilenceMs / 1_000).toFixed(1)} s` };
}

function kept(socket: ObservedSocket, { startTime, endTime }: Observations): Claim {
  const { name, keepaliveMs, pongs, replies, pings, ends } = socket;
  const claim =
    keepaliveMs === null
      ? `The venue pings \`${name}\`, and is answered.`
      : `A ping every ${keepaliveMs / 1_000} s keeps \`${name}\` open.`;
  const detail = `${pongs} answers to our pings, ${replies} answers to the venue's, ${pings} pings of the WebSocket protocol, in ${Math.round((endTime - startTime) / 1_000)} s`;
  if (ends.some((end) => end.startsWith("closed")))
    return { about: "Session", claim, verdict: "contradicted", detail: `${detail}; closed by the venue` };
  return { about: "Session", claim, verdict: pongs + replies + pings > 0 ? "seen" : "not seen", detail };
}

function readable({ rejects, errors, kinds }: Observations): Claim {
  const count = rejects.reduce((sum, reject) => sum + reject.count, 0);
  const all = [...kinds.values()].reduce((sum, one) => sum + one, 0);
  const detail = `${all} messages, ${count} rejects, ${errors.length} errors of the venue`;
  const verdict = count > 0 ? "contradicted" : all > 0 ? "seen" : "not seen";
  return { about: "Frames", claim: "Every frame can be read, and every value is plausible.", verdict, detail };
}
