import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { account } from '#infra/local/twilio/account.ts';
import { startTwilio, type TwilioSimulator } from '#infra/local/twilio/simulator.ts';
import { control, refusal, sdk, startSimulator } from './client.ts';

let simulator: TwilioSimulator;

beforeEach(async () => {
  simulator = await startSimulator();
});

afterEach(() => simulator.stop());

const buy = (phoneNumber: string, more: Record<string, string> = {}) =>
  sdk(simulator).incomingPhoneNumbers.create({ phoneNumber, ...more });

describe('the balance', () => {
  it('is what the control API set; a subaccount has none of its own', async () => {
    await control(simulator, 'PUT', '/_sim/balance', { balance: 12.5 });
    expect(await sdk(simulator).balance.fetch()).toMatchObject({ balance: '12.5', currency: 'USD' });
    const { sid, authToken } = await sdk(simulator).api.v2010.accounts.create();
    expect(await refusal(sdk(simulator, sid, authToken).balance.fetch())).toMatchObject({ status: 403 });
  });
});

describe('credentials', () => {
  it('are those of the seed', () => {
    expect(simulator).toMatchObject({
      accountSid: account(1).accountSid,
      authToken: account(1).authToken,
      messagingServiceSid: account(1).messagingServiceSid,
    });
  });

  it('are refused with 20003 when they are wrong', async () => {
    const stranger = sdk(simulator, simulator.accountSid, 'wrong');
    expect(await refusal(stranger.incomingPhoneNumbers.list())).toEqual({ status: 401, code: 20003 });
  });

  it('may be an API key', async () => {
    const { apiKeySid, apiKeySecret } = account(1);
    expect(await sdk(simulator, apiKeySid, apiKeySecret).messages.list()).toEqual([]);
  });

  it('of a parent act on its children, and not the other way round', async () => {
    const child = await sdk(simulator).api.v2010.accounts.create({ friendlyName: 'Tenant' });
    const asParent = sdk(simulator, simulator.accountSid, simulator.authToken, child.sid);
    const asChild = sdk(simulator, child.sid, child.authToken, simulator.accountSid);

    expect((await asParent.incomingPhoneNumbers.create({ areaCode: '212' })).accountSid).toBe(child.sid);
    expect(await refusal(asChild.messages.list())).toEqual({ status: 401, code: 20003 });
  });
});

describe('accounts', () => {
  it('are suspended, then only read, and opened again', async () => {
    const main = sdk(simulator);
    const child = await main.api.v2010.accounts.create({ friendlyName: 'Tenant' });
    await main.api.v2010.accounts(child.sid).update({ status: 'suspended' });
    const own = sdk(simulator, child.sid, child.authToken);
    expect(await refusal(own.messages.list())).toEqual({ status: 401, code: 20005 });

    const opened = await main.api.v2010.accounts(child.sid).update({ status: 'active' });
    expect(opened.status).toBe('active');
    expect(await own.messages.list()).toEqual([]);
  });

  it('lose their numbers for good when they are closed', async () => {
    const main = sdk(simulator);
    const child = await main.api.v2010.accounts.create({ friendlyName: 'Tenant' });
    await sdk(simulator, child.sid, child.authToken).incomingPhoneNumbers.create({ areaCode: '212' });
    await main.api.v2010.accounts(child.sid).update({ status: 'closed' });

    const numbers = sdk(simulator, simulator.accountSid, simulator.authToken, child.sid).incomingPhoneNumbers;
    expect(await numbers.list()).toEqual([]);
    expect((await refusal(main.api.v2010.accounts(child.sid).update({ status: 'active' }))).status).toBe(400);
  });
});

describe('the search for numbers', () => {
  it('finds only numbers that nobody can have, in the same order for the same seed', async () => {
    const search = (of: TwilioSimulator) =>
      sdk(of).availablePhoneNumbers('US').local.list({ areaCode: 212, limit: 100 });
    const twin = await startSimulator();
    const other = await startSimulator({ seed: 2 });
    const found = (await search(simulator)).map((it) => it.phoneNumber);

    expect(found).toHaveLength(100);
    expect(found.every((it) => /^\+121255501\d\d$/.test(it))).toBe(true);
    expect((await search(twin)).map((it) => it.phoneNumber)).toEqual(found);
    expect((await search(other)).map((it) => it.phoneNumber)).not.toEqual(found);
    await Promise.all([twin.stop(), other.stop()]);
  });

  it('leaves out numbers that were bought', async () => {
    const [first] = await sdk(simulator).availablePhoneNumbers('US').local.list({ areaCode: 415, limit: 1 });
    await buy(first!.phoneNumber);
    const left = await sdk(simulator).availablePhoneNumbers('US').local.list({ areaCode: 415, limit: 100 });

    expect(left).toHaveLength(99);
    expect(left.map((it) => it.phoneNumber)).not.toContain(first!.phoneNumber);
  });

  it('answers an empty list for an area code without stock', async () => {
    await control(simulator, 'PUT', '/_sim/stock', { country: 'US', areaCode: '212', count: 0 });
    const local = sdk(simulator).availablePhoneNumbers('US').local;

    expect(await local.list({ areaCode: 212 })).toEqual([]);
    expect(await local.list({ areaCode: 999 })).toEqual([]);
    expect(await local.list({ limit: 5 })).toHaveLength(5);
  });

  it('can be left without any number at all', async () => {
    await control(simulator, 'PUT', '/_sim/stock', { country: 'US', count: 0 });
    expect(await sdk(simulator).availablePhoneNumbers('US').local.list()).toEqual([]);
    expect(await refusal(sdk(simulator).incomingPhoneNumbers.create({ areaCode: '212' }))).toEqual({
      status: 400,
      code: 21452,
    });
  });

  it('honours a limit that counts what is left to buy', async () => {
    await buy('+12125550100');
    await control(simulator, 'PUT', '/_sim/stock', { areaCode: '212', count: 2 });
    const found = await sdk(simulator).availablePhoneNumbers('US').local.list({ areaCode: 212 });
    expect(found).toHaveLength(2);
    for (const { phoneNumber } of found) {
      await buy(phoneNumber);
    }
    expect(await sdk(simulator).availablePhoneNumbers('US').local.list({ areaCode: 212 })).toEqual([]);
  });

  it.each([
    ['0142', '+12125550142'],
    ['+1212***0107', '+12125550107'],
    ['5550199$', '+12125550199'],
    ['jkl0123', '+12125550123'],
  ])('matches the pattern %s', async (contains, expected) => {
    const found = await sdk(simulator).availablePhoneNumbers('US').local.list({ areaCode: 212, contains });
    expect(found.map((it) => it.phoneNumber)).toEqual([expected]);
  });

  it('narrows by region and capability', async () => {
    const local = sdk(simulator).availablePhoneNumbers('US').local;
    const nevada = await local.list({ inRegion: 'NV', limit: 300 });

    expect(new Set(nevada.map((it) => it.region))).toEqual(new Set(['NV']));
    expect(nevada[0]!.capabilities).toMatchObject({ voice: true, SMS: true });
    expect(await local.list({ areaCode: 212, smsEnabled: true, voiceEnabled: true, limit: 2 })).toHaveLength(
      2,
    );
    expect(await local.list({ areaCode: 212, smsEnabled: false })).toEqual([]);
  });

  it('offers toll-free numbers, and says which types a country has', async () => {
    const us = sdk(simulator).availablePhoneNumbers('US');
    const country = await us.fetch();
    const tollFree = await us.tollFree.list({ limit: 3 });

    expect(Object.keys(country.subresourceUris)).toEqual(['local', 'toll_free']);
    expect(tollFree.every((it) => /^\+18\d\d55501\d\d$/.test(it.phoneNumber))).toBe(true);
    expect(await refusal(us.mobile.list())).toEqual({ status: 404, code: 20404 });
    expect((await sdk(simulator).availablePhoneNumbers.list()).map((it) => it.countryCode)).toEqual([
      'US',
      'CA',
    ]);
  });
});

describe('buying a number', () => {
  it('keeps every setting of the purchase', async () => {
    const bought = await buy('+12125550123', {
      friendlyName: 'djdash:test:pur_1',
      voiceUrl: 'https://example.com/voice#rc=2',
      voiceFallbackUrl: 'https://example.com/fallback',
      statusCallback: 'https://example.com/status',
      smsUrl: 'https://example.com/sms',
    });
    const fetched = await sdk(simulator).incomingPhoneNumbers(bought.sid).fetch();

    expect(fetched).toMatchObject({
      phoneNumber: '+12125550123',
      friendlyName: 'djdash:test:pur_1',
      voiceUrl: 'https://example.com/voice#rc=2',
      voiceMethod: 'POST',
      voiceFallbackUrl: 'https://example.com/fallback',
      statusCallback: 'https://example.com/status',
      smsUrl: 'https://example.com/sms',
      capabilities: { voice: true, sms: true },
    });
    expect(fetched.dateCreated).toEqual(new Date('2026-11-20T10:00:00Z'));
  });

  it('gives the same SID in every run with the same seed', async () => {
    const twin = await startSimulator();
    const sids = [
      (await buy('+12125550123')).sid,
      (await sdk(twin).incomingPhoneNumbers.create({ phoneNumber: '+12125550123' })).sid,
    ];
    await twin.stop();
    expect(sids[0]).toMatch(/^PN[0-9a-f]{32}$/);
    expect(sids[1]).toBe(sids[0]);
  });

  it('again points its webhooks anew and keeps its SID', async () => {
    const first = await buy('+12125550123', { voiceUrl: 'https://example.com/a' });
    const second = await buy('+12125550123', { voiceUrl: 'https://example.com/b' });
    expect(second).toMatchObject({ sid: first.sid, voiceUrl: 'https://example.com/b' });
  });

  it.each([
    ['the magic unavailable number', { phoneNumber: '+15005550000' }, 21422],
    ['the magic invalid number', { phoneNumber: '+15005550001' }, 21421],
    ['a number outside the stock', { phoneNumber: '+12125559999' }, 21422],
    ['something else than a number', { phoneNumber: 'hello' }, 21421],
    ['a number that there cannot be', { phoneNumber: '+1212555010' }, 21421],
    ['an area code that there cannot be', { phoneNumber: '+11125550100' }, 21421],
    [
      'an address that nobody has filed',
      { phoneNumber: '+12125550123', addressSid: `AD${'0'.repeat(32)}` },
      21631,
    ],
    [
      'a bundle that nobody has filed',
      { phoneNumber: '+12125550123', bundleSid: `BU${'0'.repeat(32)}` },
      21649,
    ],
    ['an impossible area code', { areaCode: '999' }, 21451],
    ['the magic area code without numbers', { areaCode: '533' }, 21452],
    ['a relative webhook', { phoneNumber: '+12125550123', voiceUrl: '/voice' }, 21502],
  ])('is refused for %s', async (_, params, code) => {
    expect(await refusal(sdk(simulator).incomingPhoneNumbers.create(params))).toEqual({ status: 400, code });
  });

  it('takes an address and a bundle that the account has filed, and no other account', async () => {
    const file = async (kind: string) =>
      (await control(simulator, 'POST', '/_sim/documents', { kind })).body.sid as string;
    const documents = { addressSid: await file('address'), bundleSid: await file('bundle') };
    expect(await buy('+12125550123', documents)).toMatchObject(documents);

    const child = await sdk(simulator).api.v2010.accounts.create({});
    const numbers = sdk(simulator, child.sid, child.authToken).incomingPhoneNumbers;
    const { addressSid } = documents;
    const theirs = await numbers.create({ phoneNumber: '+12125550124' });
    expect((await refusal(numbers(theirs.sid).update({ addressSid }))).code).toBe(21631);
  });

  it('is refused while another account holds the number', async () => {
    const child = await sdk(simulator).api.v2010.accounts.create({});
    await sdk(simulator, child.sid, child.authToken).incomingPhoneNumbers.create({
      phoneNumber: '+12125550123',
    });
    expect(await refusal(buy('+12125550123'))).toEqual({ status: 400, code: 21422 });
  });

  it('gives a number to one of many at the same moment', async () => {
    const child = await sdk(simulator).api.v2010.accounts.create({});
    const results = await Promise.allSettled(
      [sdk(simulator), sdk(simulator, child.sid, child.authToken)].map((client) =>
        client.incomingPhoneNumbers.create({ phoneNumber: '+12125550123' }),
      ),
    );
    expect(results.map((it) => it.status).toSorted()).toEqual(['fulfilled', 'rejected']);
  });
});

describe('numbers of an account', () => {
  it('are found by number and by name', async () => {
    await buy('+12125550101', { friendlyName: 'one' });
    await buy('+12125550102', { friendlyName: 'two' });
    const { incomingPhoneNumbers } = sdk(simulator);

    expect(
      (await incomingPhoneNumbers.list({ phoneNumber: '+12125550102' })).map((it) => it.friendlyName),
    ).toEqual(['two']);
    expect((await incomingPhoneNumbers.list({ friendlyName: 'one' })).map((it) => it.phoneNumber)).toEqual([
      '+12125550101',
    ]);
    expect(await incomingPhoneNumbers.list({ phoneNumber: '+12125550103' })).toEqual([]);
  });

  it('are found by a part of the number', async () => {
    await control(simulator, 'POST', '/_sim/numbers', { phoneNumber: '+12125550101' });
    await control(simulator, 'POST', '/_sim/numbers', { phoneNumber: '+14155550101' });
    const found = async (phoneNumber: string) =>
      (await sdk(simulator).incomingPhoneNumbers.list({ phoneNumber })).map((it) => it.phoneNumber);

    expect(await found('+1212555')).toEqual(['+12125550101']);
    expect(await found('5550101')).toEqual(['+14155550101', '+12125550101']);
    expect(await found('212*550101')).toEqual(['+12125550101']);
  });

  it('come page by page, each exactly once, also when one is bought meanwhile', async () => {
    for (let line = 10; line < 17; line += 1) {
      await buy(`+121255501${line}`);
    }
    const { incomingPhoneNumbers } = sdk(simulator);
    const seen: string[] = [];
    let page = await incomingPhoneNumbers.page({ pageSize: 3 });
    seen.push(...page.instances.map((it) => it.phoneNumber));
    await buy('+12125550199');
    while (page.nextPageUrl) {
      page = (await page.nextPage()) as typeof page;
      seen.push(...page.instances.map((it) => it.phoneNumber));
    }

    expect(seen.toSorted()).toEqual([10, 11, 12, 13, 14, 15, 16].map((line) => `+121255501${line}`));
    expect(await incomingPhoneNumbers.list({ pageSize: 2 })).toHaveLength(8);
  });

  it('change their webhooks and move between accounts', async () => {
    const bought = await buy('+12125550123', { friendlyName: 'kept' });
    const child = await sdk(simulator).api.v2010.accounts.create({});
    const number = sdk(simulator).incomingPhoneNumbers(bought.sid);

    expect(await number.update({ voiceUrl: 'https://example.com/new' })).toMatchObject({
      friendlyName: 'kept',
      voiceUrl: 'https://example.com/new',
    });
    expect((await number.update({ accountSid: child.sid })).accountSid).toBe(child.sid);
    expect(await refusal(number.fetch())).toEqual({ status: 404, code: 20404 });
  });

  it('are released once, and can be bought back', async () => {
    const bought = await buy('+12125550123');
    const number = sdk(simulator).incomingPhoneNumbers(bought.sid);
    await control(simulator, 'PUT', '/_sim/stock', { areaCode: '212', count: 0 });

    expect(await number.remove()).toBe(true);
    expect(await refusal(number.remove())).toEqual({ status: 404, code: 20404 });
    expect((await buy('+12125550123')).sid).not.toBe(bought.sid);
  });

  it('are kept for whoever released them for ten days, then anybody may buy them', async () => {
    let now = new Date('2026-11-20T10:00:00Z');
    const twin = await startTwilio({
      port: 0,
      controlPort: 0,
      clock: { now: () => now },
      hooks: { setClock: () => undefined, runSchedule: () => Promise.resolve() },
    });
    const main = sdk(twin);
    const child = await main.api.v2010.accounts.create({});
    const others = sdk(twin, child.sid, child.authToken);
    const phoneNumber = '+12125550123';
    const isOffered = async () =>
      (await others.availablePhoneNumbers('US').local.list({ areaCode: 212, limit: 100 })).some(
        (it) => it.phoneNumber === phoneNumber,
      );
    const release = async (client = main) => {
      const { sid } = await client.incomingPhoneNumbers.create({ phoneNumber });
      await client.incomingPhoneNumbers(sid).remove();
    };

    await release();
    expect(await isOffered()).toBe(false);
    expect(await refusal(others.incomingPhoneNumbers.create({ phoneNumber }))).toEqual({
      status: 400,
      code: 21422,
    });
    await release();
    now = new Date('2026-11-30T10:00:00Z');
    expect(await isOffered()).toBe(true);
    await release(others);
    expect((await refusal(main.incomingPhoneNumbers.create({ phoneNumber }))).code).toBe(21422);
    await twin.stop();
  });
});

describe('the Messaging Service', () => {
  it('is there from the start and takes numbers once', async () => {
    const bought = await buy('+12125550123');
    const service = sdk(simulator).messaging.v1.services(simulator.messagingServiceSid);

    expect((await sdk(simulator).messaging.v1.services.list()).map((it) => it.sid)).toEqual([
      simulator.messagingServiceSid,
    ]);
    expect((await service.fetch()).usAppToPersonRegistered).toBe(true);
    expect(await service.phoneNumbers.create({ phoneNumberSid: bought.sid })).toMatchObject({
      phoneNumber: '+12125550123',
    });
    expect(await refusal(service.phoneNumbers.create({ phoneNumberSid: bought.sid }))).toEqual({
      status: 409,
      code: 21710,
    });
    expect((await service.phoneNumbers.list()).map((it) => it.sid)).toEqual([bought.sid]);
    expect(await service.phoneNumbers(bought.sid).remove()).toBe(true);
    expect(await service.phoneNumbers.list()).toEqual([]);
  });

  it('pages its pool, drops released numbers and can be full', async () => {
    const service = sdk(simulator).messaging.v1.services(simulator.messagingServiceSid);
    for (const line of ['10', '11', '12']) {
      await service.phoneNumbers.create({ phoneNumberSid: (await buy(`+121255501${line}`)).sid });
    }
    expect(await service.phoneNumbers.list({ pageSize: 2 })).toHaveLength(3);
    const [first] = await service.phoneNumbers.list();
    await sdk(simulator).incomingPhoneNumbers(first!.sid).remove();
    expect(await service.phoneNumbers.list()).toHaveLength(2);

    await control(simulator, 'PUT', `/_sim/services/${simulator.messagingServiceSid}`, { numbersMax: 2 });
    const extra = await buy('+12125550113');
    expect((await refusal(service.phoneNumbers.create({ phoneNumberSid: extra.sid }))).code).toBe(21714);
  });
});

describe('a Messaging Service', () => {
  it('is read and changed', async () => {
    const service = sdk(simulator).messaging.v1.services(simulator.messagingServiceSid);
    expect((await service.fetch()).useInboundWebhookOnNumber).toBe(true);
    const updated = await service.update({
      useInboundWebhookOnNumber: false,
      inboundRequestUrl: 'https://sms.example.com/in',
    });
    expect(updated).toMatchObject({
      useInboundWebhookOnNumber: false,
      inboundRequestUrl: 'https://sms.example.com/in',
    });
    expect((await service.fetch()).useInboundWebhookOnNumber).toBe(false);
  });
});

describe('Messaging Services', () => {
  it('are created with what is set of them, serve, and are deleted', async () => {
    const { services } = sdk(simulator).messaging.v1;
    const created = await services.create({
      friendlyName: 'DJs of the coast',
      inboundRequestUrl: 'https://sms.example.com/in',
      inboundMethod: 'GET',
      statusCallback: 'https://sms.example.com/status',
      validityPeriod: 600,
      stickySender: false,
    });
    expect(created).toMatchObject({
      sid: expect.stringMatching(/^MG[0-9a-f]{32}$/),
      friendlyName: 'DJs of the coast',
      inboundMethod: 'GET',
      validityPeriod: 600,
      stickySender: false,
      useInboundWebhookOnNumber: false,
      fallbackUrl: null,
    });

    const { sid } = await buy('+12125550123');
    await services(created.sid).phoneNumbers.create({ phoneNumberSid: sid });
    const send = () =>
      sdk(simulator).messages.create({ messagingServiceSid: created.sid, to: '+13125550150', body: 'Hi' });
    expect(await send()).toMatchObject({ from: '+12125550123', numSegments: '0' });
    expect(
      await refusal(services(simulator.messagingServiceSid).phoneNumbers.create({ phoneNumberSid: sid })),
    ).toEqual({ status: 409, code: 21712 });
    expect(await services(created.sid).shortCodes.list()).toEqual([]);
    expect(await services(created.sid).alphaSenders.list()).toEqual([]);

    expect(await services(created.sid).remove()).toBe(true);
    expect(await refusal(services(created.sid).fetch())).toEqual({ status: 404, code: 20404 });
    expect((await refusal(send())).code).toBe(21705);
    expect((await services.list()).map((it) => it.sid)).toEqual([simulator.messagingServiceSid]);
  });

  it('belong to the account that made them', async () => {
    const child = await sdk(simulator).api.v2010.accounts.create({});
    const theirs = sdk(simulator, child.sid, child.authToken).messaging.v1.services;
    const { sid } = await theirs.create({ friendlyName: 'Tenant' });
    expect((await refusal(sdk(simulator).messaging.v1.services(sid).fetch())).code).toBe(20404);
    expect((await theirs.list()).map((it) => it.sid)).toEqual([sid]);
  });

  it.each([
    ['without a name', { friendlyName: '' }],
    ['with an address that is none', { friendlyName: 'a', inboundRequestUrl: '/in' }],
    ['with another method', { friendlyName: 'a', inboundMethod: 'PUT' }],
    ['with an impossible validity', { friendlyName: 'a', validityPeriod: 14_401 }],
  ])('are refused %s', async (_, settings) => {
    expect(await refusal(sdk(simulator).messaging.v1.services.create(settings))).toEqual({
      status: 400,
      code: 20001,
    });
  });

  it('take no number that the account does not own', async () => {
    const { phoneNumbers } = sdk(simulator).messaging.v1.services(simulator.messagingServiceSid);
    expect(await refusal(phoneNumbers.create({ phoneNumberSid: `PN${'0'.repeat(32)}` }))).toEqual({
      status: 400,
      code: 21421,
    });
  });
});

describe('what Twilio does not have', () => {
  it('is 404 with 20404 in its error format', async () => {
    const response = await fetch(
      `${simulator.baseUrl}/2010-04-01/Accounts/${simulator.accountSid}/Nothing.json`,
      {
        headers: { authorization: `Basic ${btoa(`${simulator.accountSid}:${simulator.authToken}`)}` },
      },
    );
    expect(response.status).toBe(404);
    expect(await response.json()).toEqual({
      code: 20404,
      message: expect.stringContaining('Nothing'),
      more_info: 'https://www.twilio.com/docs/errors/20404',
      status: 404,
    });
  });

  it('includes unknown calls, messages and recordings', async () => {
    const client = sdk(simulator);
    for (const missing of [
      client.calls('CA1').fetch(),
      client.messages('SM1').fetch(),
      client.recordings('RE1').fetch(),
    ]) {
      expect(await refusal(missing)).toEqual({ status: 404, code: 20404 });
    }
  });
});

describe('faults of the REST side', () => {
  it('answer an error so many times, then work again', async () => {
    await control(simulator, 'PUT', '/_sim/faults', {
      error: { count: 1, route: 'POST *IncomingPhoneNumbers', status: 429 },
    });
    expect(await refusal(buy('+12125550123'))).toEqual({ status: 429, code: 20429 });
    expect(await sdk(simulator).incomingPhoneNumbers.list()).toEqual([]);
    expect((await buy('+12125550123')).phoneNumber).toBe('+12125550123');
  });

  it('do the work and say nothing', async () => {
    await control(simulator, 'PUT', '/_sim/faults', {
      timeoutAfterSuccess: { count: 1, route: 'POST *IncomingPhoneNumbers', delayMs: 20 },
    });
    await expect(buy('+12125550123')).rejects.toThrow();
    expect(await sdk(simulator).incomingPhoneNumbers.list({ phoneNumber: '+12125550123' })).toHaveLength(1);
  });

  it('hit the same requests for the same seed', async () => {
    const run = async () => {
      await control(simulator, 'PUT', '/_sim/faults', { seed: 7, error: 0.5 });
      const outcomes: boolean[] = [];
      for (let attempt = 0; attempt < 12; attempt += 1) {
        outcomes.push(
          await sdk(simulator)
            .messages.list()
            .then(
              () => true,
              () => false,
            ),
        );
      }
      return outcomes;
    };
    const first = await run();
    expect(new Set(first).size).toBe(2);
    expect(await run()).toEqual(first);
  });
});
