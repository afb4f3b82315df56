import { expect, inject, test } from 'vitest';
import { Concurrency, patiently, Throttled } from '#infra/local/concurrency.ts';
import { fixtureAssembly } from '#test/support/fixture-assembly.ts';
import { testStack } from '#test/support/test-stack.ts';

/** Work that goes on until it is told to end. */
function held() {
  const { promise, resolve } = Promise.withResolvers<string>();
  return { work: () => promise, end: () => resolve('done') };
}

test('as many run at once as the account allows, and the next is turned away without having begun', async () => {
  const concurrency = new Concurrency(new Map(), 2);
  const [first, second] = [held(), held()];
  const running = [concurrency.run('a', first.work), concurrency.run('b', second.work)];

  await expect(concurrency.run('a', async () => expect.fail('it began'))).rejects.toThrow(Throttled);
  first.end();
  expect(await running[0]).toBe('done');
  expect(await concurrency.run('c', async () => 'there was a place')).toBe('there was a place');
  second.end();
});

test('work that fails gives its place back', async () => {
  const concurrency = new Concurrency(new Map(), 1);
  for (let time = 0; time < 3; time += 1) {
    await expect(concurrency.run('a', () => Promise.reject(new Error('broken')))).rejects.toThrow('broken');
  }
});

test('a function with places of its own keeps them from others, and takes no more than those', async () => {
  const concurrency = new Concurrency(new Map([['answer', 1]]), 2);
  const [other, answer] = [held(), held()];
  const running = [concurrency.run('other', other.work)];

  await expect(concurrency.run('third', other.work)).rejects.toThrow(Throttled);
  running.push(concurrency.run('answer', answer.work));
  await expect(concurrency.run('answer', answer.work)).rejects.toThrow(Throttled);
  other.end();
  answer.end();
  await Promise.all(running);
});

test('a template that reserves more than there is cannot start', () => {
  expect(() => new Concurrency(new Map([['answer', 11]]), 10)).toThrow('more than the 10');
});

test('what nobody waits for comes again until there is a place', async () => {
  const concurrency = new Concurrency(new Map(), 1);
  const first = held();
  const running = concurrency.run('a', first.work);
  const waiting = patiently((arn, event) => concurrency.run(arn, async () => event))('b', 'its event');
  await Promise.race([waiting, new Promise((resolve) => setTimeout(resolve, 120))]);
  first.end();
  expect([await running, await waiting]).toEqual(['done', 'its event']);
});

test('in the stack, the gateway says 503 for a function that is turned away; one with a place of its own answers', async () => {
  const integration = (name: string) => ({
    [`${name}Integration`]: {
      Type: 'AWS::ApiGatewayV2::Integration',
      Properties: {
        ApiId: { Ref: 'Api' },
        IntegrationType: 'AWS_PROXY',
        IntegrationUri: { 'Fn::GetAtt': [name, 'Arn'] },
        PayloadFormatVersion: '2.0',
      },
    },
    [`${name}Route`]: {
      Type: 'AWS::ApiGatewayV2::Route',
      Properties: {
        ApiId: { Ref: 'Api' },
        RouteKey: `GET /${name}`,
        Target: { 'Fn::Join': ['/', ['integrations', { Ref: `${name}Integration` }]] },
      },
    },
  });
  const slow = `exports.handler = () => new Promise((done) => setTimeout(done, 400, { statusCode: 204 }));`;
  const assembly = await fixtureAssembly(
    { slow: { code: slow }, answer: { code: slow, reservedConcurrency: 1 } },
    { ...integration('slow'), ...integration('answer') },
    inject('runFolder'),
  );
  const stack = await testStack({ assembly, concurrentExecutions: 3 });
  const ask = async (name: string) => {
    const { status } = await fetch(`${stack.description.api}/${name}`);
    return status;
  };
  await Promise.all([ask('slow'), ask('answer')]);

  const slowly = [ask('slow'), ask('slow'), ask('slow')];
  const [answered, second] = [ask('answer'), ask('answer')];

  expect((await Promise.all(slowly)).toSorted((a, b) => a - b)).toEqual([204, 204, 503]);
  expect((await Promise.all([answered, second])).toSorted((a, b) => a - b)).toEqual([204, 503]);
  expect(stack.logs('slow').join('\n')).toContain('Rate Exceeded');
});
