import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { serialize } from 'node:v8';
import { afterAll, describe, expect, test } from 'vitest';
import { Authorizer } from '#infra/local/authorizer.ts';
import { Clock } from '#infra/local/clock.ts';
import { clientId, fetchToken, Identity } from '#infra/local/identity.ts';
import { KeepFile } from '#infra/local/keep.ts';
import { Queues } from '#infra/local/queues.ts';
import { resolveTemplates } from '#infra/local/template.ts';
import { World } from '#infra/local/twilio/world.ts';
import { restoreWorld, stateOf } from '#infra/local/twilio/world-state.ts';

const root = mkdtempSync(join(tmpdir(), 'switchboard-keep-'));
afterAll(() => rmSync(root, { recursive: true }));
const folderOf = (name: string) => join(root, name);

test('what was committed is there at the next start; what came after is not', async () => {
  const first = new KeepFile(folderOf('parts'));
  const seen = new Map([['a', { at: new Date(0) }]]);
  first.part('seen', () => seen);
  await first.commit();
  seen.set('b', { at: new Date(1) });

  const second = new KeepFile(folderOf('parts'));

  expect(first.part('other', () => 1)).toBeUndefined();
  expect(second.part('seen', () => seen)).toEqual(new Map([['a', { at: new Date(0) }]]));
});

test('a part that has not been added yet is not lost by an early commit', async () => {
  const first = new KeepFile(folderOf('early'));
  first.part('late', () => 'kept');
  await first.commit();
  const second = new KeepFile(folderOf('early'));
  second.part('other', () => 1);
  await second.commit();

  expect(new KeepFile(folderOf('early')).part('late', () => '')).toBe('kept');
});

test('commits at the same time share one write, of what is there when it is made', async () => {
  const keep = new KeepFile(folderOf('shared'));
  let value = 0;
  let reads = 0;
  keep.part('value', () => {
    reads += 1;
    return value;
  });
  const commits = [1, 2, 3].map((next) => {
    value = next;
    return keep.commit();
  });
  await Promise.all(commits);

  expect(reads).toBe(1);
  expect(new KeepFile(folderOf('shared')).part('value', () => 0)).toBe(3);
});

test('what another version kept is refused with what to do', async () => {
  const keep = new KeepFile(folderOf('version'));
  await keep.commit();
  writeFileSync(join(folderOf('version'), 'state'), serialize({ format: 0 }));

  expect(() => new KeepFile(folderOf('version'))).toThrow(/remove that folder to start afresh/);
});

test('the clock goes on as far from the real time as it was, unless it is set anew', async () => {
  const first = new KeepFile(folderOf('clock'));
  const { offsetMs } = new Clock(new Date(Date.now() + 3600_000), first);
  await first.commit();

  expect(new Clock(undefined, new KeepFile(folderOf('clock'))).offsetMs).toBe(offsetMs);
  const set = new Clock(new Date(Date.now() - 60_000), new KeepFile(folderOf('clock')));
  expect(set.offsetMs).toBeLessThan(0);
});

test('tokens from before are still good', async () => {
  const first = new KeepFile(folderOf('identity'));
  const before = new Identity(undefined, first);
  await before.start(0);
  const [issuer, token] = [before.issuer, await fetchToken(before.issuer, 'admin')];
  await first.commit();
  await before.stop();
  const after = new Identity(undefined, new KeepFile(folderOf('identity')));
  await after.start(Number(new URL(issuer).port));

  const authorizer = new Authorizer({ Issuer: issuer, Audience: [clientId] });
  const verified = await authorizer.verify({ authorization: `Bearer ${token}` }, new Date());
  await after.stop();
  expect(verified).toBeDefined();
});

describe('messages of queues', () => {
  const world = {
    region: 'us-east-1',
    account: '000000000000',
    queueEndpoint: 'http://127.0.0.1:9',
    apiUrl: '',
    tableSuffix: '',
  };
  const arn = (name: string) => `arn:aws:sqs:us-east-1:000000000000:${name}`;
  const resources = resolveTemplates(
    [
      {
        name: 'app',
        template: {
          Resources: {
            Given: { Type: 'AWS::SQS::Queue', Properties: { QueueName: 'given-up' } },
            Work: {
              Type: 'AWS::SQS::Queue',
              Properties: {
                QueueName: 'work',
                RedrivePolicy: { maxReceiveCount: 2, deadLetterTargetArn: arn('given-up') },
              },
            },
          },
        },
      },
    ],
    world,
  );
  const opened = async (folder: string) => {
    const keep = new KeepFile(folderOf(folder));
    const queues = new Queues(world, keep);
    await queues.create(resources);
    return { keep, queues };
  };
  const bodies = async (queues: Queues, name: string) =>
    (await queues.receive(arn(name), 10)).map(({ Body }) => Body).toSorted();

  test('come again unless they were removed, those that are being worked on too', async () => {
    const { keep, queues } = await opened('queues');
    for (const body of ['removed', 'received']) await queues.send(arn('work'), body);
    const received = await queues.receive(arn('work'), 10);
    await queues.remove(
      arn('work'),
      received.filter(({ Body }) => Body === 'removed'),
    );
    const batch = ['x', 'y'].map((Id) => ({ Id, MessageBody: Id }));
    const QueueUrl = 'http://127.0.0.1:9/000000000000/work';
    await queues.pass('AmazonSQS.SendMessageBatch', JSON.stringify({ QueueUrl, Entries: batch }));
    await keep.commit();
    await queues.stop();

    const after = await opened('queues');
    expect(await bodies(after.queues, 'work')).toEqual(['received', 'x', 'y']);
    await after.queues.stop();
  });

  test('go to the dead letters once they were received as often as they may', async () => {
    const { keep, queues } = await opened('redrive');
    await queues.send(arn('work'), 'hopeless');
    for (const _time of [1, 2]) {
      const messages = await queues.receive(arn('work'), 1);
      await queues.showAgainAfter(arn('work'), messages, 0);
    }
    await keep.commit();
    await queues.stop();

    const after = await opened('redrive');
    expect(await bodies(after.queues, 'given-up')).toEqual(['hopeless']);
    await after.queues.stop();
  });

  test('that were delayed stay delayed', async () => {
    const { keep, queues } = await opened('delay');
    await queues.send(arn('work'), 'later', 600);
    await keep.commit();
    await queues.stop();

    const after = await opened('delay');
    expect(await bodies(after.queues, 'work')).toEqual([]);
    const asked = { QueueUrl: 'http://127.0.0.1:9/000000000000/work', AttributeNames: ['All'] };
    const { body } = await after.queues.pass('AmazonSQS.GetQueueAttributes', JSON.stringify(asked));
    expect(JSON.parse(body)).toMatchObject({ Attributes: { ApproximateNumberOfMessagesDelayed: '1' } });
    await after.queues.stop();
  });
});

describe('the world of the Twilio simulator', () => {
  // What a new world makes for itself, or begins anew.
  const notKept = ['seed', 'clock', 'journal', 'pending', 'arrive', 'baseUrl', 'commit'];

  test('is kept with everything it has, but for what is named here', () => {
    const world = new World(1, { now: () => new Date() }, '');

    expect([...Object.keys(stateOf(world)), ...notKept].toSorted()).toEqual(Object.keys(world).toSorted());
  });

  test('is the same after a start', async () => {
    const clock = { now: () => new Date('2026-11-20T10:00:00Z') };
    const keep = new KeepFile(folderOf('world'));
    const world = new World(1, clock, '');
    world.addSubaccount('Acme', [...world.accounts.keys()][0] ?? '');
    world.soldElsewhere.add('+19015550101');
    world.stock.limit('US', '901', 3);
    world.optOuts.block('+19015550100', '+12065550123');
    world.phones.set('+12065550123', { busy: true });
    world.balance.balance = 5;
    const sid = world.sids.next('CA');
    keep.part('world', () => stateOf(world));
    await keep.commit();

    const state = new KeepFile(folderOf('world')).part('world', () => stateOf(world));
    const again = new World(1, clock, '');
    if (state) restoreWorld(again, state);

    expect(stateOf(again)).toEqual(stateOf(world));
    expect(again.sids.next('CA')).not.toBe(sid);
    expect(again.stock.available(['901'])).toEqual(world.stock.available(['901']));
  });
});
