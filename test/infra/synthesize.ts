import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inject } from 'vitest';
import { buildApp } from '#infra/build-app.ts';
import { type ConfigInput, stageConfig } from '#infra/config.ts';
import { type Contracts, contracts, functionNames } from '#infra/contracts.ts';
import type { Grant } from '#shared/grant.ts';
import type { QueueName } from '#shared/queue-name.ts';
import { ownAddresses } from './settings.ts';

/** A resource of some stack; references in it are written `stack/LogicalId` or `stack/LogicalId.Attribute`. */
export interface Resource {
  readonly stack: string;
  /** `stack/LogicalId` */
  readonly id: string;
  readonly type: string;
  readonly properties: Properties;
  readonly metadata: Readonly<Record<string, unknown>>;
  readonly deletionPolicy: string | undefined;
  readonly updateReplacePolicy: string | undefined;
  /** Logical ids of the same stack that are deployed before it. */
  readonly dependsOn: readonly string[];
}

/** The properties that tests read, of whatever types have them. */
interface Properties {
  readonly AccessLogSettings: { Format: string };
  readonly AlarmActions?: string[];
  readonly AlarmDescription: string;
  readonly AlarmName: string;
  readonly Code: { S3Key: string };
  readonly DeadLetterConfig: { TargetArn: string };
  readonly DefaultRouteSettings: { ThrottlingRateLimit: number };
  readonly DestinationConfig: { OnFailure: { Destination: string } };
  readonly DashboardBody: string;
  readonly Dimensions?: Dimension[];
  readonly Environment: { Variables: Record<string, string> };
  readonly EventSourceArn: string;
  readonly FilterPattern: string;
  readonly FunctionName: string;
  readonly FunctionResponseTypes: string[];
  readonly BisectBatchOnFunctionError: boolean;
  readonly GenerateSecretString?: { SecretStringTemplate: string };
  readonly JwtConfiguration: { Issuer: string; Audience: string[] };
  readonly LoggingConfig: { LogGroup: string };
  readonly LogGroupName: string;
  readonly ManagedPolicyArns?: string[];
  readonly MessageRetentionPeriod: number;
  readonly MetricName: string;
  readonly Name: string;
  /** Of an alarm on several metrics. */
  readonly Metrics?: { MetricStat?: { Metric: NamedMetric } }[];
  readonly MetricTransformations: { MetricName: string }[];
  readonly Namespace: string;
  readonly OperationName: string;
  readonly Policies: { PolicyDocument: { Statement: RawStatement[] } }[];
  readonly QueueName: string;
  readonly RedrivePolicy: { deadLetterTargetArn: string; maxReceiveCount: number };
  readonly ReservedConcurrentExecutions?: number;
  readonly RetentionInDays: number;
  readonly Role: string;
  readonly ScalingConfig?: { MaximumConcurrency: number };
  readonly RouteKey: string;
  readonly RouteSettings: Record<string, { ThrottlingRateLimit: number }>;
  readonly SecretString?: string;
  readonly SourceArn: string;
  readonly Stage: string;
  /** Of a route a text, of a schedule an object. */
  readonly Target: string & { Arn: string; Input: string; DeadLetterConfig: { Arn: string } };
  readonly AuthorizationType: string;
  readonly Timeout: number;
  readonly TracingConfig?: { Mode: string };
  readonly VisibilityTimeout: number;
  readonly WriteAttributes: string[];
}

interface Dimension {
  readonly Name: string;
  readonly Value: string;
}

interface NamedMetric {
  readonly Namespace: string;
  readonly MetricName: string;
  readonly Dimensions?: Dimension[];
}

export interface Synthesized {
  readonly resources: readonly Resource[];
  readonly templates: Templates;
  ofType(type: string): Resource[];
  /** The one resource of a type. */
  only(type: string): Resource;
  /** The Lambda of a function id such as `calls.answerCall`. */
  lambda(functionId: string): Resource;
  /** The statements that the role of a function allows. */
  statements(functionId: string): Statement[];
}

export interface Statement {
  readonly actions: string[];
  readonly resources: string[];
  readonly leadingKeys: string[] | undefined;
}

type Templates = Readonly<Record<string, Template>>;

interface Template {
  readonly terminationProtection: boolean;
  readonly Resources: Record<string, RawResource>;
  readonly Outputs?: Record<string, { Value: unknown; Export?: { Name: string } }>;
}

interface RawResource {
  readonly Type: string;
  readonly Properties?: unknown;
  readonly Metadata?: Record<string, unknown>;
  readonly DeletionPolicy?: string;
  readonly UpdateReplacePolicy?: string;
  readonly DependsOn?: string[];
}

/** What templates are made of besides the settings. */
interface Variant {
  /** As an operator's `-c @aws-cdk/core:defaultCrossStackReferences=...` has it. */
  readonly references?: 'strong' | 'both';
  /** A queue that the contracts do without: nobody drains it, nobody sends to it. */
  readonly without?: QueueName;
}

/** The templates of a stage with empty bundles. They are made once a run, by the first file that asks for them. */
export function synthesize(
  stage: string,
  overrides: Partial<ConfigInput> = {},
  variant: Variant = {},
): Synthesized {
  const wanted = createHash('sha256').update(JSON.stringify([stage, overrides, variant]));
  const kept = join(inject('runFolder'), `templates-${wanted.digest('hex').slice(0, 16)}.json`);
  if (!existsSync(kept)) {
    // Whoever reads it meanwhile finds it whole or not at all.
    const written = `${kept}.${process.pid}`;
    writeFileSync(written, JSON.stringify(templatesOf(stage, overrides, variant)));
    renameSync(written, kept);
  }
  return read(stage, JSON.parse(readFileSync(kept, 'utf8')) as Templates);
}

function templatesOf(stage: string, overrides: Partial<ConfigInput>, variant: Variant): Templates {
  const folder = mkdtempSync(join(tmpdir(), 'synthesize-'));
  // The CDK's check of the templates takes longer than making them; `npm run synth` does it.
  process.env['CDK_VALIDATION'] = 'false';
  // The cdk command hands the context over so.
  if (variant.references)
    process.env['CDK_CONTEXT_JSON'] = JSON.stringify({ [references]: variant.references });
  try {
    const app = buildApp(stageConfig(stage, { ...(stage === 'prod' && ownAddresses), ...overrides }), {
      outdir: join(folder, 'out'),
      bundles: writeStubs(folder),
      contracts: variant.without ? contractsWithout(variant.without) : contracts,
    });
    return Object.fromEntries(
      app
        .synth()
        .stacks.map(({ stackName, template, terminationProtection = false }) => [
          stackName.slice(`switchboard-${stage}-`.length),
          { ...(template as Omit<Template, 'terminationProtection'>), terminationProtection },
        ]),
    );
  } finally {
    delete process.env['CDK_VALIDATION'];
    delete process.env['CDK_CONTEXT_JSON'];
    rmSync(folder, { recursive: true, force: true });
  }
}

const references = '@aws-cdk/core:defaultCrossStackReferences';

function contractsWithout(queue: QueueName): Contracts {
  const cut = <C extends { readonly grants: readonly Grant[] }>(
    kind: Readonly<Record<string, Readonly<Record<string, () => C>>>>,
  ) =>
    Object.fromEntries(
      Object.entries(kind).map(([domain, named]) => [
        domain,
        Object.fromEntries(
          Object.entries(named)
            .map(([name, contract]) => [name, contract()] as const)
            .filter(([, contract]) => !('queue' in contract && contract.queue === queue))
            .map(([name, contract]) => {
              const grants = contract.grants.filter((grant) => grant !== `queue:${queue}`);
              return [name, () => ({ ...contract, grants })];
            }),
        ),
      ]),
    );
  return {
    routes: cut(contracts.routes),
    consumers: cut(contracts.consumers),
    schedules: cut(contracts.schedules),
  };
}

/** Bundles that only differ in their names, so that templates can be made without bundling. */
export function writeStubs(folder: string): string {
  const bundles = join(folder, 'bundles');
  for (const { bundle } of functionNames(contracts)) {
    mkdirSync(join(bundles, bundle), { recursive: true });
    writeFileSync(join(bundles, bundle, 'index.js'), `exports.handler = async () => '${bundle}';\n`);
  }
  return bundles;
}

function read(stage: string, templates: Templates): Synthesized {
  function plain(value: unknown, stack: string): unknown {
    if (Array.isArray(value)) return value.map((member) => plain(member, stack));
    if (typeof value !== 'object' || value === null) return value;
    const [[key, operand] = ['', undefined], ...more] = Object.entries(value);
    if (more.length === 0) {
      if (key === 'Ref') return String(operand).startsWith('AWS::') ? `<${operand}>` : `${stack}/${operand}`;
      if (key === 'Fn::GetAtt') return `${stack}/${(operand as string[]).join('.')}`;
      if (key === 'Fn::Sub') return String(operand).replaceAll(/\$\{(.*?)\}/g, '<$1>');
      if (key === 'Fn::Join') return (plain((operand as [string, unknown[]])[1], stack) as string[]).join('');
      if (key === 'Fn::GetStackOutput') {
        const { StackName, OutputName } = operand as { StackName: string; OutputName: string };
        const producer = StackName.slice(`switchboard-${stage}-`.length);
        const output = templates[producer]?.Outputs?.[OutputName];
        if (!output)
          throw new Error(`${stack} reads ${StackName}'s output ${OutputName}, which is not there`);
        return plain(output.Value, producer);
      }
    }
    return Object.fromEntries(Object.entries(value).map(([name, member]) => [name, plain(member, stack)]));
  }

  const resources = Object.entries(templates).flatMap(([stack, { Resources }]) =>
    Object.entries(Resources).map(
      ([logicalId, raw]): Resource => ({
        stack,
        id: `${stack}/${logicalId}`,
        type: raw.Type,
        properties: plain(raw.Properties ?? {}, stack) as Properties,
        metadata: raw.Metadata ?? {},
        deletionPolicy: raw.DeletionPolicy,
        updateReplacePolicy: raw.UpdateReplacePolicy,
        dependsOn: raw.DependsOn ?? [],
      }),
    ),
  );
  const ofType = (type: string) => resources.filter((resource) => resource.type === type);

  function only(type: string): Resource {
    const [resource, ...others] = ofType(type);
    if (!resource || others.length > 0) throw new Error(`${others.length + (resource ? 1 : 0)} of ${type}`);
    return resource;
  }

  function lambda(functionId: string): Resource {
    const bundle = functionId.replace('.', '-').replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
    const found = ofType('AWS::Lambda::Function').find(
      ({ properties }) => properties.FunctionName === `switchboard-${stage}-${bundle}`,
    );
    if (!found) throw new Error(`no Lambda for ${functionId}`);
    return found;
  }

  function statements(functionId: string): Statement[] {
    const { Role } = lambda(functionId).properties;
    const role = ofType('AWS::IAM::Role').find(({ id }) => `${id}.Arn` === Role);
    if (!role) throw new Error(`no role for ${functionId}`);
    return allowed(role);
  }

  return { resources, templates, ofType, only, lambda, statements };
}

/** What a role allows; throws on a statement of another form. */
export function allowed(role: Resource): Statement[] {
  const listed = (value: string | string[]) => [value].flat();
  const statements = role.properties.Policies.flatMap(({ PolicyDocument }) => PolicyDocument.Statement);
  return statements.map(({ Effect, Action, Resource, Condition }) => {
    if (Effect !== 'Allow') throw new Error(`unexpected effect ${Effect}`);
    return {
      actions: listed(Action),
      resources: listed(Resource),
      leadingKeys: Condition?.['ForAllValues:StringLike']['dynamodb:LeadingKeys'],
    };
  });
}

interface RawStatement {
  Effect: string;
  Action: string | string[];
  Resource: string | string[];
  Condition?: { 'ForAllValues:StringLike': { 'dynamodb:LeadingKeys': string[] } };
}
