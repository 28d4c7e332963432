/** Phrases that a native reader stumbles over, and the plain words to write instead. */
const BANNED: readonly (readonly [phrase: RegExp, instead: string])[] = [
  [/\b(?:un)?heard\b/, "connected, covered"],
  [/\b(?:un)?told\b/, "published, acknowledged, sent"],
  [/\banew\b/, "again"],
  [/\bin the making\b/, "running"],
  [/\bas it (?:is|stands)\b/, "unchanged, current"],
  [/\bwhat is due\b/, "name it"],
  [/\blets? others\b/, "yield to the event loop"],
  [/\bunless told\b/, "default: …"],
  [/\bsave (?:for|that|where|the|an?)\b|, save \w/, "except"],
  [/\bas many as may\b/, "the maximum"],
  [/\b(?:the venue's|by (?:its|their)|its) own word\b/, "according to"],
  [/\bwhoever\b|\bwho (?:asks|has|opens)\b/, "the caller, the holder"],
  [/\bcome? to anything\b|\bcame of\b|\bcame out\b|\bwhat became of\b/, "result, outcome"],
  [/\bis left out\b|\bleave it out\b/, "omit"],
  [/, the (?:newest|oldest|latest|first) first\b/, "newest first"],
  [/\b(?:is|are) no (?:advice|lag|JSON|list|key|skill|success|more than)\b/, "is not"],
  [/\bnot to be acted on\b/, "do not act on it"],
  [/\bask again\b|\bbegin again\b/, "repeat the request, start again"],
  [/\bopens? nothing\b/, "revoked, not valid"],
  [/\bset aside\b|\bgiv(?:e|es|en|ing) back\b/, "reserve, refund"],
  [/\bof one's own\b/, "of your choice"],
  [/\bhas yet to\b|\bhave yet to\b/, "has not … yet"],
  [/\bdoes not answer\b/, "does not respond"],
  [/\bon (?:its|their) way\b/, "queued, in transit"],
  [/\ba (?:day|week|minute|second) has at (?:least|most)\b|\bat the (?:least|most)\b/, "minimum, maximum"],
];

/** A former field name, which older records still carry. */
const ALLOWED = /heard_share/g;

/** The phrases of a text that are to be worded otherwise, each with the words to use. */
export function bannedIn(text: string): readonly string[] {
  const plain = text.replace(ALLOWED, "");
  return BANNED.filter(([phrase]) => phrase.test(plain)).map(([phrase, instead]) => `${String(phrase)} (write: ${instead})`);
}
