/** Answers a text to a number that takes calls only: one segment, without anything of the sender in it. */
export function takesCallsOnly(): string {
  const text =
    'DJ Dash: this number takes calls only, texts are not read. Please call it to reach the DJ. Reply STOP to opt out';
  return `<?xml version="1.0" encoding="UTF-8"?><Response><Message>${text}</Message></Response>`;
}
