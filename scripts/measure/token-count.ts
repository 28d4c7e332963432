/**
 * The number of tokens of a text, counted so that it is rather too high: the tokenizers of DeepSeek take up to three digits,
 * and a word with the space before it, as one token, merge punctuation with what stands beside it, and know most words of
 * four letters and many longer ones. Here each started group of three digits, each started group of four letters and every
 * other character but a space is a token. For English text that is about 0.3 a character, which is what DeepSeek states
 * (https://api-docs.deepseek.com/quick_start/token_usage), for JSON of numbers about 0.65.
 */
export function tokensAtMost(text: string): number {
  let tokens = 0;
  for (const [part] of text.matchAll(/\p{N}{1,3}|\p{L}{1,4}|[^\s\p{N}\p{L}]/gu)) tokens += Math.ceil(part.length / 4);
  return tokens;
}

/**
 * The most tokens that a reply can have: its reason is ASCII, of which no byte is more than one token, and all else is
 * always the same short text.
 */
export function replyTokensAtMost(reply: string, reason: string): number {
  return tokensAtMost(reply.replace(JSON.stringify(reason), '""')) + reason.length;
}
