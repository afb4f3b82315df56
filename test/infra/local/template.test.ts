import { describe, expect, test } from 'vitest';
import { resolveTemplates } from '#infra/local/template.ts';

const world = {
  region: 'eu-west-1',
  account: '000000000000',
  queueEndpoint: 'http://127.0.0.1:9',
  apiUrl: 'http://127.0.0.1:3000',
  tableSuffix: '',
};

/** The value of a function's one environment variable, once resolved. */
function resolved(
  value: unknown,
  around: Record<string, unknown> = {},
  otherStacks: Record<string, object> = {},
) {
  const resources = resolveTemplates(
    [
      ...Object.entries(otherStacks).map(([name, template]) => ({ name, template })),
      {
        name: 'app',
        template: {
          Resources: {
            Work: { Type: 'AWS::SQS::Queue', Properties: { QueueName: 'work' } },
            Fn: {
              Type: 'AWS::Lambda::Function',
              Properties: { Environment: { Variables: { VALUE: value } } },
            },
          },
          ...around,
        },
      },
    ],
    world,
  );
  const environment = resources.find(({ logicalId }) => logicalId === 'Fn')?.properties['Environment'];
  return (environment as { Variables: Record<string, unknown> }).Variables['VALUE'];
}

describe('intrinsics', () => {
  test.each([
    [{ Ref: 'Work' }, 'http://127.0.0.1:9/000000000000/work'],
    [{ 'Fn::GetAtt': ['Work', 'Arn'] }, 'arn:aws:sqs:eu-west-1:000000000000:work'],
    [{ 'Fn::GetAtt': 'Work.QueueName' }, 'work'],
    [{ Ref: 'AWS::Region' }, 'eu-west-1'],
    [{ 'Fn::Sub': '${AWS::Partition}/${Work.QueueName}/${!literal}' }, 'aws/work/${literal}'],
    [{ 'Fn::Sub': ['${a}-${Work.QueueName}', { a: { Ref: 'AWS::AccountId' } }] }, '000000000000-work'],
    [{ 'Fn::Join': ['/', ['a', { Ref: 'AWS::Region' }, 'b']] }, 'a/eu-west-1/b'],
    [{ 'Fn::Select': [1, { 'Fn::Split': [':', 'x:y:z'] }] }, 'y'],
  ])('%j is %s', (value, expected) => {
    expect(resolved(value)).toBe(expected);
  });

  test('Fn::If follows conditions, and AWS::NoValue removes the property', () => {
    const Conditions = { Europe: { 'Fn::Equals': [{ Ref: 'AWS::Region' }, 'eu-west-1'] } };

    expect(resolved({ 'Fn::If': ['Europe', 'yes', 'no'] }, { Conditions })).toBe('yes');
    expect(resolved({ 'Fn::If': ['Europe', { Ref: 'AWS::NoValue' }, 'no'] }, { Conditions })).toBeUndefined();
  });

  test('Fn::ImportValue reads what another stack exports', () => {
    const data = {
      Resources: { Queue: { Type: 'AWS::SQS::Queue' } },
      Outputs: { Out: { Value: { 'Fn::GetAtt': ['Queue', 'Arn'] }, Export: { Name: 'data:queue' } } },
    };

    expect(resolved({ 'Fn::ImportValue': 'data:queue' }, {}, { data })).toBe(
      'arn:aws:sqs:eu-west-1:000000000000:data-Queue',
    );
  });

  test('Fn::GetStackOutput reads an output of another stack', () => {
    const data = {
      Resources: { Queue: { Type: 'AWS::SQS::Queue' } },
      Outputs: { Out: { Value: { 'Fn::GetAtt': ['Queue', 'Arn'] } } },
    };
    const read = { StackName: 'data', OutputName: 'Out', Region: { Ref: 'AWS::Region' } };

    expect(resolved({ 'Fn::GetStackOutput': read }, {}, { data })).toBe(
      'arn:aws:sqs:eu-west-1:000000000000:data-Queue',
    );
  });
});

describe('what the local stack does not know is an error that names the place', () => {
  const failing = (Resources: Record<string, { Type: string; Properties?: Record<string, unknown> }>) => () =>
    resolveTemplates([{ name: 'app', template: { Resources } }], world);

  test('a resource type', () => {
    expect(failing({ Bucket: { Type: 'AWS::Kinesis::Stream' } })).toThrow(
      /app\/Bucket .* does not know the resource type AWS::Kinesis::Stream/,
    );
  });

  test('a property of a type that is played', () => {
    expect(failing({ Fn: { Type: 'AWS::Lambda::Function', Properties: { VpcConfig: {} } } })).toThrow(
      /app\/Fn .* does not know the property VpcConfig/,
    );
  });

  test('an intrinsic', () => {
    const Properties = { Description: { 'Fn::Transform': 'x' } };
    expect(failing({ Fn: { Type: 'AWS::Lambda::Function', Properties } })).toThrow(
      /app\/Fn .*intrinsic Fn::Transform/,
    );
  });

  test('an attribute', () => {
    const Properties = { Description: { 'Fn::GetAtt': ['Fn', 'SnapStartResponse'] } };
    expect(failing({ Fn: { Type: 'AWS::Lambda::Function', Properties } })).toThrow(
      /attribute SnapStartResponse/,
    );
  });

  test('an import that nobody exports', () => {
    const Properties = { Description: { 'Fn::ImportValue': 'nowhere' } };
    expect(failing({ Fn: { Type: 'AWS::Lambda::Function', Properties } })).toThrow(
      /no stack exports nowhere/,
    );
  });

  const data = {
    Conditions: { Never: { 'Fn::Equals': ['a', 'b'] } },
    Outputs: { Out: { Value: 'value' }, Off: { Value: 'value', Condition: 'Never' } },
  };
  test.each([
    ['an output that is not there', { OutputName: 'Nothing' }, 'there is no output Nothing of a stack data'],
    ['an output whose condition is false', { OutputName: 'Off' }, 'there is no output Off of a stack data'],
    ['an output of another stack than there is', { StackName: 'else' }, 'no output Out of a stack else'],
    ['an output of another region', { Region: 'us-east-1' }, 'no region but eu-west-1, not us-east-1'],
    ['an output that a role reads', { RoleArn: 'arn' }, "does not know Fn::GetStackOutput's RoleArn"],
  ])('%s', (_what, changed, message) => {
    const read = { StackName: 'data', OutputName: 'Out', ...changed };

    expect(() => resolved({ 'Fn::GetStackOutput': read }, {}, { data })).toThrow(
      `app/Fn (AWS::Lambda::Function): `,
    );
    expect(() => resolved({ 'Fn::GetStackOutput': read }, {}, { data })).toThrow(message);
  });
});

test('alarms and log groups have no local meaning, whatever stands in them', () => {
  const resources = resolveTemplates(
    [
      {
        name: 'app',
        template: {
          Resources: { Alarm: { Type: 'AWS::CloudWatch::Alarm', Properties: { Any: { 'Fn::Cidr': [] } } } },
        },
      },
    ],
    world,
  );

  expect(resources.map(({ properties }) => properties)).toEqual([{}]);
});
