/** A JSON Schema as the document has it. */
export type Schema = Record<string, unknown>;

const at = '2026-03-02T18:04:05.000Z';
const later = '2026-03-02T18:06:10.000Z';
const dj = 'dj-ben';
const number = '+19015550123';
const target = '+19015550101';
const caller = '+16155550123';
const admin = 'admin:9f0c2c1e';
const numberSid = `PN${'1'.repeat(32)}`;
const callId = `call_${'2'.repeat(32)}`;
const month = '2026-03';
const clickId = `clk_${'3'.repeat(32)}`;
const purchaseId = `ord_${'4'.repeat(32)}`;
const baseUrl = 'https://calls.example.com';

/** What a field of such a name holds, wherever it stands. Texts that may be null are null without. */
const fields: Readonly<Record<string, unknown>> = {
  dj_profile_id: dj,
  djProfileId: dj,
  assignedTo: dj,
  name: 'DJ Ben',
  display_name: 'DJ Ben',
  virtual_number: number,
  phone_number: number,
  phoneNumber: number,
  real_phone_number: target,
  caller_number: caller,
  sid: numberSid,
  twilio_phone_number_sid: numberSid,
  phone_number_sid: numberSid,
  friendlyName: '(901) 555-0123',
  areaCode: '901',
  area_code: '901',
  at,
  since: at,
  date: '2026-03-02',
  start_date: '2026-03-01',
  end_date: '2026-03-31',
  month,
  time_zone: 'America/Chicago',
  currency: 'usd',
  actor: admin,
  by: admin,
  blocked_by: admin,
  changed_by: admin,
  requestId: '4f1d2c3b-0a9e-4c8d-9b7a-6e5f4d3c2b1a',
  request_id: '4f1d2c3b-0a9e-4c8d-9b7a-6e5f4d3c2b1a',
  click_id: clickId,
  page_url: 'https://djdash.example.com/dj-ben',
  payment_id: 'pay_8fk2',
  call_id: callId,
  base_url: baseUrl,
  caller_name: 'Sam Doe',
  message: 'Successfully purchased 5 number(s)',
  stage: 'prod',
  purchase: { id: purchaseId, status: 'queued' },
  export: { id: `exp_${'7'.repeat(32)}`, status: 'queued' },
  display: '(901) 555-0123',
  tel: `tel:${number}`,
  advice: 'Enough numbers are free',
  dateCreated: at,
  reclaimableUntil: '2026-03-12T18:04:05.000Z',
  body: 'Are you free June 5?',
  error: 'No available phone numbers found',
  phone_number_sids: [numberSid],
  reference: 'transfer 2026-04-01/17',
};

const cleared = { grossRevenue: 0, refunds: 0, totalRevenue: 0, platformCut: 0, djRevenue: 0 };
const day = {
  totalCalls: 4,
  answeredCalls: 3,
  missedCalls: 1,
  voicemails: 1,
  bookedCalls: 1,
  tipjarLinksSent: 2,
  tipjarPaymentsReceived: 1,
  grossRevenue: 100,
  refunds: 0,
  totalRevenue: 100,
  platformCut: 15,
  djRevenue: 85,
};
const analytics = {
  ...day,
  conversionRate: 25,
  leadScoreBreakdown: { hot: 1, warm: 2, cold: 1 },
  eventTypeBreakdown: { wedding: 3, unknown: 1 },
  avgCallDuration: 125,
  smsVariants: { a: { sent: 2, paid: 1, conversionRate: 50 } },
  series: [{ date: '2026-03-02', ...day }],
};
const call = {
  id: callId,
  timestamp: at,
  event_type: 'wedding',
  lead_score: 'hot',
  lead_score_reasons: ['talked for 2 minutes', 'called from a page'],
  is_booked: true,
  spam_reasons: [],
  call_duration_seconds: 125,
  talk_time_seconds: 125,
  outcome: 'answered',
  answered_by: 'unknown',
  call_sid: `CA${'2'.repeat(32)}`,
  tipjar_link_sent: true,
  tipjar_link: 'https://pay.example.com/s/8fk2',
  tipjar_payment_received: true,
  tipjar_payment_amount: 100,
  recording: null,
  voicemail: null,
  follow_up: { status: 'delivered', reason: null, kind: 'payment-link', variant: 'a' },
  tags: ['june'],
  notes: 'Asked for June 5',
  created_at: at,
  updated_at: later,
};
const virtualNumber = {
  id: `num_${'5'.repeat(32)}`,
  is_active: true,
  status: 'assigned',
  capabilities: { voice: true, sms: true, mms: true },
  whisper: 'Call from your DJ Dash page',
  ring_timeout_seconds: 18,
  sms_follow_up: true,
  missed_call_text: true,
  deposit_amount: 100,
  assigned_at: at,
  created_at: at,
  updated_at: later,
};
const money = { gross: 100, fee: 15, net: 85 };
const payout = {
  currency: 'usd',
  time_zone: 'UTC',
  ...money,
  carried_forward: 0,
  due: 85,
};
const kinds = [{ kind: 'payment', ...money }];
const refusal = {
  success: false,
  error: 'The request is not valid',
  code: 'VALIDATION_FAILED',
  requestId: fields['requestId'],
  details: [{ path: 'body.count', message: 'must be 100 or less in one request' }],
};

/** What is told of a named thing beyond that, so that it makes one story. */
const things: Readonly<Record<string, Schema>> = {
  Attribution: {
    confidence: 1,
    referrer: 'https://search.example.com/',
    utm: { utm_source: 'search' },
    other_clicks: 0,
  },
  AuditLogEntry: {
    act: 'POST /api/djdash/virtual-numbers',
    status: 201,
    target: { dj_profile_id: dj, real_phone_number: '***0101' },
  },
  BlockedCaller: { reason: 'Rings every night', blocked_at: at },
  Call: call,
  CallWithTimeline: call,
  CallerData: {
    phone_number: caller,
    consent: { texts_allowed: false, source: 'STOP', since: at },
    received_texts: [{ message_sid: `SM${'6'.repeat(32)}`, to: number, body: 'STOP', media_count: 0, at }],
    blocks: [],
  },
  Click: { id: clickId },
  DeliveryAttempt: { error: null, status: 200, milliseconds: 84 },
  Diagnosis: {
    healthy: true,
    checks: [{ check: 'active', ok: true, code: null, detail: 'The number is active' }],
  },
  DjAnalytics: { ...analytics, withoutCall: { totalRevenue: 0, platformCut: 0, djRevenue: 0 } },
  Drift: {
    detail: 'Twilio has another webhook for calls; it was set again',
    monthly_cost: 0,
    repaired: true,
  },
  Erasure: { complete: true, failed_calls: 0, open_calls: 0, consent_kept: true },
  Error: refusal,
  Export: {
    id: `exp_${'7'.repeat(32)}`,
    status: 'done',
    rows: 41,
    url: 'https://files.example.com/calls.csv?signature=1f',
    created_at: at,
    expires_at: '2026-03-09T18:04:05.000Z',
  },
  FailedPurchase: { code: 'TWILIO_REFUSED', reason: 'Twilio does not sell this number any more' },
  GatewayError: { message: 'Unauthorized' },
  Import: {
    adopted: [
      {
        phoneNumber: number,
        sid: numberSid,
        friendlyName: null,
        areaCode: '901',
        smsStatus: 'ready',
        voiceUrl: 'https://old.example.com/voice',
        smsUrl: null,
      },
    ],
    skipped: [],
    failed: [],
    remaining: 0,
  },
  Me: { role: 'dj', scope: 'owner', djProfileId: dj, tenantId: null, userId: null, tenantRole: null },
  MonthPayouts: {
    ...payout,
    is_over: true,
    djs: [{ dj_profile_id: dj, name: 'DJ Ben', ...money, kinds, carried_forward: 0, due: 85, paid: null }],
  },
  NumberAlreadyAssignedError: {
    ...refusal,
    error: 'Virtual number already exists',
    code: 'NUMBER_ALREADY_ASSIGNED',
    details: undefined,
  },
  NumberChange: { from: 'available', to: 'assigned', reason: 'assigned' },
  PaidMark: { amount: 85 },
  Payment: {
    id: 'pay_8fk2',
    amount: 100,
    status: 'booked',
    refunded: 0,
    disputed: 0,
    created_at: at,
    updated_at: at,
  },
  PurchaseCapReachedError: {
    ...refusal,
    error: 'At most 100 numbers may be bought a day (UTC): none of them are left today',
    code: 'PURCHASE_CAP_REACHED',
    details: undefined,
    purchases: { daily_cap: 100, remaining_today: 0, resets_at: '2026-03-03T00:00:00Z' },
  },
  Payout: {
    ...payout,
    total: 85,
    kinds,
    days: [{ date: '2026-03-02', amount: 85 }],
    lines: [{ at, payment_id: 'pay_8fk2', call_id: callId, amount: 85 }],
    paid: null,
  },
  PlatformAnalytics: {
    ...analytics,
    djs: 1,
    previous: { start_date: '2026-01-30', end_date: '2026-02-28', ...day, ...cleared },
    trend: { totalCalls: 0, totalRevenue: null },
  },
  PlatformEvent: {
    id: `evt_${'8'.repeat(40)}`,
    type: 'call.completed',
    created_at: at,
    entity: callId,
    data: { call_id: callId },
    delivery: {
      status: 'delivered',
      tries: 1,
      next_attempt_at: null,
      delivered_at: later,
      attempts: [{ at: later, status: 200, error: null, milliseconds: 84 }],
    },
  },
  Pool: {
    total: 2,
    states: {
      purchasing: 0,
      available: 1,
      assigned: 1,
      cooling: 0,
      releasing: 0,
      released: 0,
      failed: 0,
      reserved: 0,
    },
  },
  PoolAudit: {
    id: `aud_${'9'.repeat(32)}`,
    started_at: at,
    finished_at: later,
    numbers_in_twilio: 2,
    numbers_in_table: 2,
    monthly_cost: 0,
  },
  Purchase: {
    id: purchaseId,
    status: 'done',
    count: 30,
    bought: 30,
    failed: 0,
    unknown: 0,
    created_at: at,
    finished_at: later,
    numbers: [{ phoneNumber: number, sid: numberSid, status: 'bought', code: null, reason: null }],
  },
  RecordingLink: { url: 'https://files.example.com/call.mp3?signature=1f' },
  Revenue: {
    time_zone: 'UTC',
    totalRevenue: 100,
    platformCut: 15,
    djRevenue: 85,
    suspense: 0,
    days: [{ date: '2026-03-02', totalRevenue: 100, platformCut: 15, djRevenue: 85, suspense: 0 }],
  },
  Selection: { source: 'pool', reason: 'The longest free number with area code 901' },
  Switch: { name: 'texts', stopped: true, reason: 'A text goes out twice', changed_at: at },
  Text: { id: `SM${'6'.repeat(32)}`, body: 'Are you free June 5?', media_count: 0, status: 'received' },
  TimelineEntry: { what: 'The caller rang +19015550123' },
  TopDj: { ...day, conversionRate: 25 },
  VirtualNumber: virtualNumber,
  WebhookPointing: {
    status: 'done',
    total: 2,
    pointed: 2,
    elsewhere: 0,
    failed: 0,
    updated_at: at,
    finished_at: at,
  },
};

/** What requests of an operation hold beside what they must. */
const bodies: Readonly<Record<string, Schema>> = {
  'numbers.assignNumber': { real_phone_number: '(901) 555-0101', area_code: '901', display_name: 'DJ Ben' },
  'numbers.assignNumbers': {
    assignments: [{ dj_profile_id: dj, real_phone_number: '(901) 555-0101', area_code: '901' }],
  },
  'numbers.updateNumber': {
    dj_profile_id: dj,
    settings: { ring_timeout_seconds: 20, call_screening: 'press-1' },
  },
  'pool.buyNumbers': { count: 5, areaCode: '901' },
  'pool.releaseNumber': { phone_number_sid: numberSid },
  'calls.logCall': { caller_number: caller, call_status: 'completed', call_duration_seconds: 125 },
  'calls.updateCall': { is_booked: true, notes: 'Asked for June 5' },
  'calls.requestExport': { dj_profile_id: dj, start_date: '2026-03-01', end_date: '2026-03-31' },
  'callers.blockCaller': { dj_profile_id: dj, reason: 'Rings every night' },
  'callers.unblockCaller': { dj_profile_id: dj },
  'payments.assignPayment': { call_id: callId },
  'privacy.exportCaller': { phone_number: caller },
  'privacy.eraseCaller': { phone_number: caller, dry_run: true },
  'switches.updateSwitches': { texts: { stopped: true, reason: 'A text goes out twice' } },
  'tipjar.receivePayment': {
    id: 'evt_17',
    created: 1_772_474_645,
    data: { payment_id: 'pay_8fk2', call_id: callId, amount_cents: 10_000, currency: 'usd' },
  },
};

/** What answers of an operation hold beside what their shape tells. */
const replies: Readonly<Record<string, Schema>> = {
  'pool.buyNumbers 201': { failed: [] },
  'pool.buyNumbers 202': { message: `30 numbers are being bought; see GET pool/purchases/${purchaseId}` },
  'pool.buyNumbers 503': {
    code: 'NO_NUMBERS_AVAILABLE',
    message: 'No available phone numbers found',
    numbers: [],
  },
  'numbers.assignNumbers 200': { message: '1 DJ has a number' },
  'pool.releaseNumber 200': { message: 'The number was given back to the carrier' },
  'pool.reclaimNumber 201': { message: 'The number is in the pool again, with a new sid' },
  'health.checkHealth 200': { stage: 'prod' },
};

/** What an operation may answer with a status. */
export function replyExampleOf(
  operationId: string,
  status: number,
  schema: Schema,
  schemas: Readonly<Record<string, Schema>>,
): unknown {
  return { ...(exampleOf(schema, schemas) as object), ...replies[`${operationId} ${status}`] };
}

/** What the body of a request to an operation may be: what must be there, and what `bodies` says. */
export function bodyExampleOf(operationId: string, schema: Schema): unknown {
  const { properties = {}, required = [] } = schema as {
    properties?: Record<string, Schema>;
    required?: string[];
  };
  const told = bodies[operationId] ?? {};
  const others = required.filter((name) => !(name in told));
  const made = others.map((name) => [name, exampleOf(properties[name] ?? {}, {}, `${operationId}.${name}`)]);
  return { ...(Object.fromEntries(made) as object), ...told };
}

/**
 * A value that a schema takes, as it may really be: what the schema names as its example, what a field of that name holds
 * everywhere, or what follows from its type.
 * @throws Error when a text has no example: it needs one in its contract (`.meta({ examples: [...] })`) or in `fields`
 */
export function exampleOf(schema: Schema, schemas: Readonly<Record<string, Schema>>, path = ''): unknown {
  const { $ref, examples, const: only, enum: values, anyOf, oneOf, items, properties, format } = schema;
  if ($ref !== undefined) {
    const reference = $ref as string;
    return exampleOfNamed(reference.slice(reference.lastIndexOf('/') + 1), schemas);
  }
  const name = path.slice(path.lastIndexOf('.') + 1);
  if (Array.isArray(examples)) return examples[0];
  if (only !== undefined) return only;
  if (Array.isArray(values)) return values.includes(fields[name]) ? fields[name] : values[0];
  if (name in fields) return fields[name];
  if (/(?:_at|At)$/.test(name)) return at;
  const options = (anyOf ?? oneOf) as Schema[] | undefined;
  if (options !== undefined) {
    const [first] = options as [Schema];
    const mayBeNull = options.some(({ type }) => type === 'null');
    return mayBeNull && first.type === 'string' ? null : exampleOf(first, schemas, path);
  }
  const types = [schema.type].flat();
  switch (types[0]) {
    case 'array':
      return [exampleOf(items as Schema, schemas, path)];
    case 'object':
      return Object.fromEntries(
        Object.entries((properties ?? {}) as Record<string, Schema>).map(([key, part]) => [
          key,
          exampleOf(part, schemas, `${path}.${key}`),
        ]),
      );
    case 'boolean':
      return false;
    case 'integer':
    case 'number':
      return Math.max(1, Number(schema.minimum ?? 1));
    default:
      if (types.includes('null')) return null;
      if (format === 'date-time') return at;
      throw new Error(`${path} has no example: give it one in functions/openapi-examples.ts`);
  }
}

/** Fields that the thing itself tells need no example of their own. */
function exampleOfNamed(name: string, schemas: Readonly<Record<string, Schema>>): unknown {
  const told = things[name] ?? {};
  const { properties = {} } = schemas[name] as { properties?: Record<string, Schema> };
  const value = Object.entries(properties).map(([key, part]) => [
    key,
    key in told ? told[key] : exampleOf(part, schemas, `${name}.${key}`),
  ]);
  return Object.fromEntries(value.filter(([, part]) => part !== undefined));
}
