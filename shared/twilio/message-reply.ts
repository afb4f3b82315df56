const escapes: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;' };

/** Answers a text with this one, as TwiML. */
export function messageReply(body: string): string {
  const text = body.replace(/[&<>]/g, (one) => escapes[one] ?? one);
  return `<?xml version="1.0" encoding="UTF-8"?><Response><Message>${text}</Message></Response>`;
}
