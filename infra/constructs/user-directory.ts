import { Aws, CfnOutput, Duration, Stack, Validations } from 'aws-cdk-lib';
import {
  AccountRecovery,
  type CfnUserPool,
  type CfnUserPoolClient,
  ClientAttributes,
  FeaturePlan,
  LambdaVersion,
  Mfa,
  OAuthScope,
  ResourceServerScope,
  StringAttribute,
  UserPool,
  type UserPoolClient,
  UserPoolOperation,
} from 'aws-cdk-lib/aws-cognito';
import { Construct } from 'constructs';
import { preTokenTrigger } from '#infra/contracts.ts';
import { resourceName } from './names.ts';
import type { Platform, TokenClaims } from './platform.ts';
import { removalPolicyOf } from './removal-policy.ts';
import { ServiceFunction } from './service-function.ts';

export type UserDirectoryProps = Pick<Platform, 'config' | 'bundles'>;

/** Cognito user pool for admins, DJs and users of tenants, and a machine client for the DJ Dash platform. */
export class UserDirectory extends Construct {
  readonly issuer: string;
  readonly audience: string[];
  readonly claims: TokenClaims = {
    rolesClaim: ['cognito:groups'],
    scopesClaim: ['scope'],
    djClaim: ['dj_profile_id'],
    tenantClaim: ['tenant_id'],
    tenantRoleClaim: ['tenant_role'],
    serviceScope: 'api/service',
  };

  constructor(scope: Construct, id: string, platform: UserDirectoryProps) {
    super(scope, id);
    const { stage, retainData } = platform.config;
    const pool = new UserPool(this, 'Users', {
      userPoolName: resourceName(stage, 'users'),
      selfSignUpEnabled: false,
      signInAliases: { email: true },
      accountRecovery: AccountRecovery.EMAIL_ONLY,
      // Only administrators write them: they say whose calls and numbers a person may see.
      customAttributes: {
        dj_profile_id: new StringAttribute({ maxLen: 128, mutable: true }),
        tenant_id: new StringAttribute({ maxLen: 66, mutable: true }),
        tenant_role: new StringAttribute({ maxLen: 16, mutable: true }),
      },
      passwordPolicy: {
        minLength: 12,
        requireDigits: true,
        requireLowercase: true,
        requireUppercase: true,
        requireSymbols: true,
        tempPasswordValidity: Duration.days(3),
      },
      mfa: Mfa.OPTIONAL,
      mfaSecondFactor: { otp: true, sms: false },
      // The smallest plan whose access tokens can be given claims.
      featurePlan: FeaturePlan.ESSENTIALS,
      deletionProtection: retainData,
      removalPolicy: removalPolicyOf(retainData),
    });
    (pool.node.defaultChild as CfnUserPool).overrideLogicalId('UserPool');
    for (const [role, description] of Object.entries(groups)) {
      pool.addGroup(role, { groupName: role, description });
    }
    this.#addTrigger(pool, platform);
    const people = addPeopleClient(pool);
    const machine = addMachineClient(pool);
    pool.addDomain('Domain', {
      cognitoDomain: { domainPrefix: resourceName(stage, Aws.ACCOUNT_ID) },
    });
    this.issuer = `https://cognito-idp.${Stack.of(this).region}.amazonaws.com/${pool.userPoolId}`;
    // Cognito's access tokens carry client_id instead of aud; API Gateway accepts either.
    this.audience = [people.userPoolClientId, machine.userPoolClientId];
    addOutputs(this, stage, pool, people, machine);
    acknowledge(pool);
  }

  #addTrigger(pool: UserPool, platform: UserDirectoryProps): void {
    const { lambda } = new ServiceFunction(this, 'AddDjClaim', {
      name: preTokenTrigger,
      summary: "Put the DJ's profile id, or the tenant and the person's role in it, into the access token",
      timeoutSeconds: 5,
      granted: { statements: [], environment: {}, wildcards: [] },
      platform,
    });
    pool.addTrigger(UserPoolOperation.PRE_TOKEN_GENERATION_CONFIG, lambda, LambdaVersion.V2_0);
  }
}

const groups = {
  admin: 'May do everything',
  dj: 'Sees and manages only what is their own',
  user: 'Belongs to a tenant, and sees what is theirs in it',
};

function addPeopleClient(pool: UserPool): UserPoolClient {
  const client = pool.addClient('PeopleClient', {
    generateSecret: false,
    // The second one needs AWS credentials: it is how an operator gets a token in a terminal.
    authFlows: { userSrp: true, adminUserPassword: true },
    disableOAuth: true,
    preventUserExistenceErrors: true,
    accessTokenValidity: Duration.hours(1),
    refreshTokenValidity: Duration.days(30),
    // Without this list a signed-in person could write their own dj_profile_id or tenant_id and read another's calls.
    writeAttributes: new ClientAttributes().withStandardAttributes({ email: true, fullname: true }),
  });
  (client.node.defaultChild as CfnUserPoolClient).overrideLogicalId('PeopleClient');
  return client;
}

function addMachineClient(pool: UserPool): UserPoolClient {
  const serviceScope = new ResourceServerScope({
    scopeName: 'service',
    scopeDescription: 'The DJ Dash API for any DJ',
  });
  const api = pool.addResourceServer('Api', { identifier: 'api', scopes: [serviceScope] });
  const client = pool.addClient('MachineClient', {
    generateSecret: true,
    oAuth: { flows: { clientCredentials: true }, scopes: [OAuthScope.resourceServer(api, serviceScope)] },
    accessTokenValidity: Duration.hours(1),
  });
  (client.node.defaultChild as CfnUserPoolClient).overrideLogicalId('MachineClient');
  return client;
}

function addOutputs(
  scope: UserDirectory,
  stage: string,
  pool: UserPool,
  people: UserPoolClient,
  machine: UserPoolClient,
): void {
  const { region } = Stack.of(scope);
  const outputs = {
    UserPoolId: [pool.userPoolId, 'Cognito user pool of admins, DJs and users of tenants'],
    UserPoolClientId: [people.userPoolClientId, 'Client with which people sign in'],
    MachineClientId: [machine.userPoolClientId, 'Client of the DJ Dash platform; its secret is in Cognito'],
    TokenUrl: [
      `https://${resourceName(stage, Aws.ACCOUNT_ID)}.auth.${region}.amazoncognito.com/oauth2/token`,
      'Where the machine client gets its tokens',
    ],
  } as const;
  for (const [name, [value, description]] of Object.entries(outputs)) {
    new CfnOutput(Stack.of(scope), name, { value, description });
  }
}

function acknowledge(pool: UserPool): void {
  Validations.of(pool).acknowledge(
    {
      id: 'AwsSolutions::AwsSolutions-COG2',
      reason:
        'MFA is offered, not forced: DJs sign in from phones at gigs; the provider may demand it by group.',
    },
    {
      id: 'AwsSolutions::AwsSolutions-COG8',
      reason: 'The Plus plan is priced per user; its threat protection is a choice of whoever operates this.',
    },
  );
}
