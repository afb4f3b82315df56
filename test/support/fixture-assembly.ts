import { mkdir, mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A CloudFormation resource as a test writes it. */
export interface FixtureResource {
  Type: string;
  Properties?: Record<string, unknown>;
}

export interface FixtureFunction {
  /** CommonJS with `exports.handler`. */
  code: string;
  statements?: unknown[];
  environment?: Record<string, unknown>;
  timeoutSeconds?: number;
  reservedConcurrency?: number;
}

/** Role and function for `name`, which is also its id. */
export function functionResources(name: string, spec: FixtureFunction): Record<string, FixtureResource> {
  return {
    [`${name}Role`]: {
      Type: 'AWS::IAM::Role',
      Properties: {
        Policies: [{ PolicyName: 'contract', PolicyDocument: { Statement: spec.statements ?? [] } }],
      },
    },
    [name]: {
      Type: 'AWS::Lambda::Function',
      Properties: {
        FunctionName: name,
        Code: { S3Bucket: 'assets', S3Key: `${name}.zip` },
        Handler: 'index.handler',
        Runtime: 'nodejs24.x',
        Role: { 'Fn::GetAtt': [`${name}Role`, 'Arn'] },
        Timeout: spec.timeoutSeconds ?? 5,
        ...(spec.reservedConcurrency !== undefined && {
          ReservedConcurrentExecutions: spec.reservedConcurrency,
        }),
        Environment: { Variables: spec.environment ?? {} },
      },
    },
  };
}

/** A small system, written as the CDK would leave it, for `startStack({ assembly })`. Answers its folder. */
export async function fixtureAssembly(
  functions: Record<string, FixtureFunction>,
  resources: Record<string, FixtureResource> = {},
  parent = tmpdir(),
): Promise<string> {
  const folder = await mkdtemp(join(parent, 'fixture-'));
  const outdir = join(folder, 'assembly');
  const files: Record<string, unknown> = {};
  for (const [name, { code }] of Object.entries(functions)) {
    await mkdir(join(outdir, name), { recursive: true });
    await writeFile(join(outdir, name, 'index.js'), code);
    files[name] = { source: { path: name }, destinations: { any: { objectKey: `${name}.zip` } } };
  }
  await mkdir(outdir, { recursive: true });
  await writeFile(join(outdir, 'package.json'), '{"type":"commonjs"}');
  const template = {
    Resources: {
      Api: { Type: 'AWS::ApiGatewayV2::Api', Properties: { Name: 'fixture', ProtocolType: 'HTTP' } },
      ...Object.assign({}, ...Object.entries(functions).map(([name, spec]) => functionResources(name, spec))),
      ...resources,
    },
  };
  const artifacts = {
    fixture: {
      type: 'aws:cloudformation:stack',
      properties: { templateFile: 'fixture.json', stackName: 'fixture' },
    },
  };
  await Promise.all([
    writeFile(join(outdir, 'fixture.json'), JSON.stringify(template)),
    writeFile(join(outdir, 'fixture.assets.json'), JSON.stringify({ files })),
    writeFile(join(outdir, 'manifest.json'), JSON.stringify({ artifacts })),
  ]);
  return folder;
}

/** Source for fixture functions: `aws(target, body)` as the SDK would send it, answering status and parsed body. */
export const awsCall = `
  const aws = async (target, body, endpoint = process.env.AWS_ENDPOINT_URL_DYNAMODB) => {
    const response = await fetch(endpoint, {
      method: 'POST',
      headers: {
        'content-type': 'application/x-amz-json-1.0',
        'x-amz-target': target,
        'x-amz-date': '20260101T000000Z',
        authorization: 'AWS4-HMAC-SHA256 Credential=' + process.env.AWS_ACCESS_KEY_ID +
          '/20260101/us-east-1/dynamodb/aws4_request, SignedHeaders=host, Signature=0',
      },
      body: JSON.stringify(body),
    });
    return { status: response.status, body: await response.json() };
  };
`;

/** A table with keys pk and sk and the stream of the real one. */
export const fixtureTable: FixtureResource = {
  Type: 'AWS::DynamoDB::GlobalTable',
  Properties: {
    TableName: 'fixture',
    BillingMode: 'PAY_PER_REQUEST',
    AttributeDefinitions: ['pk', 'sk', 'gsi1pk'].map((AttributeName) => ({
      AttributeName,
      AttributeType: 'S',
    })),
    KeySchema: [
      { AttributeName: 'pk', KeyType: 'HASH' },
      { AttributeName: 'sk', KeyType: 'RANGE' },
    ],
    GlobalSecondaryIndexes: [
      {
        IndexName: 'gsi1',
        KeySchema: [{ AttributeName: 'gsi1pk', KeyType: 'HASH' }],
        Projection: { ProjectionType: 'KEYS_ONLY' },
      },
    ],
    StreamSpecification: { StreamViewType: 'NEW_AND_OLD_IMAGES' },
    Replicas: [{ Region: 'us-east-1' }],
  },
};
