import { readFileSync } from 'node:fs';
import { isDeepStrictEqual } from 'node:util';
import { gunzipSync } from 'node:zlib';
import type { Synthesized } from './synthesize.ts';

/** What of a stage matters to a deployment that changes it: its stacks in the order in which they are deployed. */
export type Deployed = Readonly<Record<string, DeployedStack>>;

interface DeployedStack {
  /** What holds data or is known to other stacks, by logical id; of other resources those alone that have a name. */
  readonly resources: Readonly<Record<string, DeployedResource>>;
  /** Output -> the resource that it tells of. */
  readonly outputs: Readonly<Record<string, string>>;
  /** Name of an export -> its output. */
  readonly exports: Readonly<Record<string, string>>;
  /** `stack.Output`, by Fn::GetStackOutput. */
  readonly reads: readonly string[];
  /** Names, by Fn::ImportValue. */
  readonly imports: readonly string[];
}

interface DeployedResource {
  readonly type: string;
  /** A name that AWS gives only once. */
  readonly name?: string;
  /** The properties that can't change without another resource, or other content, in its place; of what lasts. */
  readonly fixed?: Readonly<Record<string, unknown>>;
}

/** What would be lost, or known to others under another id, if it were replaced. */
const lasting: readonly string[] = [
  'AWS::ApiGatewayV2::Api',
  'AWS::ApiGatewayV2::Authorizer',
  'AWS::ApiGatewayV2::DomainName',
  'AWS::ApiGatewayV2::Stage',
  'AWS::Cognito::UserPool',
  'AWS::Cognito::UserPoolClient',
  'AWS::Cognito::UserPoolDomain',
  'AWS::Cognito::UserPoolGroup',
  'AWS::Cognito::UserPoolResourceServer',
  'AWS::DynamoDB::GlobalTable',
  'AWS::KMS::Key',
  'AWS::S3::Bucket',
  'AWS::SecretsManager::Secret',
  'AWS::SNS::Subscription',
  'AWS::SNS::Topic',
  'AWS::SQS::Queue',
];

/** Properties with a name that AWS refuses a second time, so that it can't move to another logical id. */
const names: Readonly<Record<string, string>> = {
  'AWS::ApiGatewayV2::Route': 'RouteKey',
  'AWS::CloudWatch::Alarm': 'AlarmName',
  'AWS::CloudWatch::CompositeAlarm': 'AlarmName',
  'AWS::CloudWatch::Dashboard': 'DashboardName',
  'AWS::DynamoDB::GlobalTable': 'TableName',
  'AWS::Lambda::Function': 'FunctionName',
  'AWS::Logs::LogGroup': 'LogGroupName',
  'AWS::Scheduler::Schedule': 'Name',
  'AWS::SecretsManager::Secret': 'Name',
  'AWS::SQS::Queue': 'QueueName',
};

/** Properties that CloudFormation changes in place, but to something that nobody wants, or that AWS refuses to change. */
const alsoFixed: Readonly<Record<string, readonly string[]>> = {
  // Another one makes or writes another secret.
  'AWS::SecretsManager::Secret': ['GenerateSecretString', 'SecretString'],
  'AWS::Cognito::UserPool': ['AliasAttributes', 'Schema', 'UsernameAttributes', 'UsernameConfiguration'],
};

interface Specification {
  schema: {
    resource: {
      entities: {
        cloudFormationType: string;
        properties: Record<string, { causesReplacement?: 'yes' | 'no' | 'maybe' }>;
      }[];
    };
  };
}

let fixedProperties: ReadonlyMap<string, readonly string[]> | undefined;

/** By type, as the specification of CloudFormation says that comes with the CDK's command. */
function fixedOf(type: string): readonly string[] {
  fixedProperties ??= readSpecification();
  const found = fixedProperties.get(type);
  if (!found) throw new Error(`CloudFormation's specification does not know ${type}`);
  return found;
}

function readSpecification(): ReadonlyMap<string, readonly string[]> {
  const file = new URL('../../node_modules/aws-cdk/db.json.gz', import.meta.url);
  const { schema } = JSON.parse(gunzipSync(readFileSync(file)).toString()) as Specification;
  return new Map(
    schema.resource.entities.map(({ cloudFormationType: type, properties }) => {
      const replacing = Object.keys(properties).filter(
        (name) => properties[name]?.causesReplacement === 'yes',
      );
      return [type, [...replacing, ...(alsoFixed[type] ?? [])]];
    }),
  );
}

/** What matters to a deployment, of synthesized templates. */
export function deployed({ templates, resources }: Synthesized): Deployed {
  const stacks = Object.entries(templates).map(([stack, template]): [string, DeployedStack] => {
    const outputs = Object.entries(template.Outputs ?? {});
    const told = Object.fromEntries(outputs.map(([name, { Value }]) => [name, resourceOf(Value)]));
    const kept = resources
      .filter((resource) => resource.stack === stack)
      .map(({ id, type, properties }): [string, DeployedResource] => {
        const given = properties as unknown as Record<string, unknown>;
        const logicalId = id.slice(stack.length + 1);
        const name = given[names[type] ?? ''];
        const lasts = lasting.includes(type) || Object.values(told).includes(logicalId);
        const fixed = fixedOf(type).filter((property) => lasts && given[property] !== undefined);
        return [
          logicalId,
          {
            type,
            ...(typeof name === 'string' && { name }),
            ...(lasts && { fixed: Object.fromEntries(fixed.map((property) => [property, given[property]])) }),
          },
        ];
      })
      .filter(([, { name, fixed }]) => name !== undefined || fixed !== undefined);
    return [
      stack,
      {
        resources: Object.fromEntries(kept),
        outputs: told,
        exports: Object.fromEntries(
          outputs.flatMap(([name, { Export }]) => (Export ? [[Export.Name, name]] : [])),
        ),
        reads: [
          ...new Set(
            operandsOf<{ StackName: string; OutputName: string }>('Fn::GetStackOutput', template).map(
              ({ StackName, OutputName }) =>
                `${StackName.replace(/^switchboard-[a-z0-9]+-/, '')}.${OutputName}`,
            ),
          ),
        ],
        imports: [...new Set(operandsOf<string>('Fn::ImportValue', template))],
      },
    ];
  });
  return Object.fromEntries(stacks);
}

function operandsOf<T>(intrinsic: string, value: unknown): T[] {
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, member]) =>
    key === intrinsic ? [member as T] : operandsOf<T>(intrinsic, member),
  );
}

/** The logical id of which an output tells; empty when it tells of none. */
function resourceOf(value: unknown): string {
  const { Ref, 'Fn::GetAtt': attribute } = (value ?? {}) as { Ref?: string; 'Fn::GetAtt'?: string[] };
  return Ref ?? attribute?.[0] ?? '';
}

/**
 * What goes wrong, or is lost, when the stacks of `after` are deployed one by one over those of `before`; empty when
 * nothing is.
 */
export function problemsOf(before: Deployed, after: Deployed): string[] {
  const now: Record<string, DeployedStack> = { ...before };
  const problems: string[] = [];
  for (const [stack, next] of Object.entries(after)) {
    problems.push(...refusals(stack, next, now), ...losses(stack, now[stack], next));
    now[stack] = next;
    // Those that are deployed later still say what they said; should one of them fail, it goes back to that.
    for (const [other, { reads }] of Object.entries(now).filter(([other]) => other !== stack)) {
      for (const read of reads.filter((name) => name.startsWith(`${stack}.`) && !hasOutput(now, name)))
        problems.push(`${other} still reads ${read}, which is gone`);
    }
  }
  return [...problems, ...moves(before, after)];
}

/** What CloudFormation refuses. */
function refusals(stack: string, next: DeployedStack, now: Deployed): string[] {
  const exported = new Set(Object.values(now).flatMap(({ exports }) => Object.keys(exports)));
  const unread = next.reads.filter((read) => !hasOutput(now, read));
  const unexported = next.imports.filter((name) => !exported.has(name));
  const locked = Object.entries(now[stack]?.exports ?? {}).filter(([name, output]) => {
    const same = next.exports[name] && next.outputs[next.exports[name]] === now[stack]?.outputs[output];
    return !same && Object.values(now).some(({ imports }) => imports.includes(name));
  });
  return [
    ...unread.map((read) => `${stack} reads ${read}, which is not there`),
    ...unexported.map((name) => `${stack} imports ${name}, which nobody exports`),
    ...locked.map(([name]) => `${stack} takes the export ${name} away, which is in use`),
  ];
}

function hasOutput(now: Deployed, read: string): boolean {
  const [stack = '', output = ''] = read.split('.');
  return now[stack]?.outputs[output] !== undefined;
}

/** Attributes may be added to a user pool, but none that it has may change or go. */
function isKept(property: string, before: unknown, after: unknown): boolean {
  if (property !== 'Schema' || !Array.isArray(before) || !Array.isArray(after))
    return isDeepStrictEqual(before, after);
  return before.every((attribute) => after.some((one) => isDeepStrictEqual(attribute, one)));
}

/** What holds data or is known to other stacks, and goes or is replaced. */
function losses(stack: string, before: DeployedStack | undefined, after: DeployedStack): string[] {
  return Object.entries(before?.resources ?? {}).flatMap(([logicalId, { type, fixed }]) => {
    if (!fixed) return [];
    const now = after.resources[logicalId];
    if (!now) return [`${stack}/${logicalId} (${type}) is deleted`];
    if (now.type !== type) return [`${stack}/${logicalId} (${type}) is replaced: it becomes ${now.type}`];
    return [...new Set([...Object.keys(fixed), ...Object.keys(now.fixed ?? {})])]
      .filter((property) => !isKept(property, fixed[property], now.fixed?.[property]))
      .map((property) => `${stack}/${logicalId} (${type}) is replaced: its ${property} changes`);
  });
}

/** Names that AWS would be asked for a second time, before the first one that has it is deleted. */
function moves(before: Deployed, after: Deployed): string[] {
  const holders = new Map(named(before));
  return named(after).flatMap(([name, id]) => {
    const holder = holders.get(name);
    return holder === undefined || holder === id ? [] : [`${name} moves from ${holder} to ${id}`];
  });
}

function named(stage: Deployed): [name: string, id: string][] {
  return Object.entries(stage).flatMap(([stack, { resources }]) =>
    Object.entries(resources).flatMap(([logicalId, { type, name }]): [string, string][] =>
      name === undefined ? [] : [[`${type} ${name}`, `${stack}/${logicalId}`]],
    ),
  );
}
