/** What an audit touches, whoever asks for it: it reads the pool and Twilio and repairs both. */
export const auditGrants = [
  'number:read',
  'number:write',
  'sid:write',
  'dj:read',
  'dj:write',
  'pool:policy',
  'pool:read',
  'usage:read',
  'call:read',
  'openCalls:read',
  'audit:read',
  'audit:write',
] as const;
