/** What the rules of texts look at and count, whatever is to be sent. */
export const textGrants = [
  'consent:key',
  'consent:read',
  'consent:write',
  'allowance:write',
  'switches:read',
  'texts:policy',
] as const;
