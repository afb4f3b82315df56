import { createHash } from 'node:crypto';
import { Stack, Validations } from 'aws-cdk-lib';
import { CfnIntegration, CfnRoute } from 'aws-cdk-lib/aws-apigatewayv2';
import { CfnPermission } from 'aws-cdk-lib/aws-lambda';
import { Construct } from 'constructs';
import type { Declared } from '#infra/contracts.ts';
import type { Route } from '#shared/http/route.ts';
import { type Granted, grant } from './grants.ts';
import type { Platform } from './platform.ts';
import { ServiceFunction } from './service-function.ts';

/** The gateway that routes are added to, by ids, so that what belongs to a route stays in its own stack. */
export interface Gateway {
  readonly apiId: string;
  readonly authorizerId: string;
  /** Its own URL, which goes on to work beside a custom domain. */
  readonly url: string;
}

export interface HttpRoutesProps {
  readonly routes: readonly Declared<Route>[];
  readonly gateway: Gateway;
  readonly platform: Platform;
}

/** Functions that a stage may keep places for, so that a caller is answered whatever else runs. */
const reservable = { answerCall: 'calls.answerCall', answerFallback: 'calls.answerFallback' } as const;

/** Why the gateway lets these through without a token. */
const openRoutes = {
  twilio: 'Twilio sends no token: the function refuses what is not signed with the auth token.',
  tipjar: 'TipJar sends no token: the function refuses what is not signed with the webhook secret.',
  public: 'Open to everybody by design: it answers only what the public may know, and it is throttled.',
} as const;

/** One Lambda per endpoint, reachable under its path only. */
export class HttpRoutes extends Construct {
  constructor(scope: Construct, id: string, { routes, gateway, platform }: HttpRoutesProps) {
    super(scope, id);
    for (const route of routes) new Endpoint(this, route.bundle, route, gateway, platform);
  }
}

class Endpoint extends Construct {
  constructor(scope: Construct, id: string, declared: Declared<Route>, gateway: Gateway, platform: Platform) {
    super(scope, id);
    const { contract } = declared;
    const { lambda } = new ServiceFunction(this, 'Service', {
      name: declared,
      summary: contract.summary,
      timeoutSeconds: contract.timeoutSeconds ?? 10,
      granted: withCaller(grant(contract.grants, platform), contract, platform),
      platform,
      reservedConcurrency: placesOf(declared.id, platform.config),
    });
    this.#addRoute(declared, gateway, lambda.functionArn);
    new CfnPermission(this, 'Permission', {
      action: 'lambda:InvokeFunction',
      functionName: lambda.functionArn,
      principal: 'apigateway.amazonaws.com',
      sourceArn: Stack.of(this).formatArn({
        service: 'execute-api',
        resource: gateway.apiId,
        resourceName: `*/${contract.method}${contract.path.replaceAll(/\{[^}]*\}/g, '*')}`,
      }),
    });
  }

  #addRoute({ contract, id }: Declared<Route>, gateway: Gateway, functionArn: string): void {
    const integration = new CfnIntegration(this, 'Integration', {
      apiId: gateway.apiId,
      integrationType: 'AWS_PROXY',
      integrationUri: functionArn,
      payloadFormatVersion: '2.0',
    });
    const open = whyOpen(contract);
    const route = new CfnRoute(this, 'Route', {
      apiId: gateway.apiId,
      routeKey: `${contract.method} ${contract.path}`,
      operationName: id,
      target: `integrations/${integration.ref}`,
      ...(open
        ? { authorizationType: 'NONE' }
        : { authorizationType: 'JWT', authorizerId: gateway.authorizerId }),
    });
    route.overrideLogicalId(routeId(contract));
    if (!open) return;
    route.addMetadata('NoAuthorizer', open);
    Validations.of(route).acknowledge({ id: 'AwsSolutions::AwsSolutions-APIG4', reason: open });
  }
}

/**
 * A route's logical id follows from method and path alone: under another id CloudFormation would make the route a second
 * time before it deletes the first, and API Gateway refuses that (409). Words to read, a hash to tell `{id}` from `id`.
 */
function routeId({ method, path }: Pick<Route, 'method' | 'path'>): string {
  const words = path.split(/[^A-Za-z0-9]+/).map((word) => word.charAt(0).toUpperCase() + word.slice(1));
  const hash = createHash('sha256').update(`${method} ${path}`).digest('hex').slice(0, 8);
  return `Route${method.charAt(0)}${method.slice(1).toLowerCase()}${words.join('')}${hash}`;
}

/** The reason why a route needs no token; undefined when it needs one. */
function whyOpen({ auth: [caller] }: Route): string | undefined {
  return Object.entries(openRoutes).find(([name]) => name === caller)?.[1];
}

function placesOf(id: string, { reservedConcurrency = {} }: Platform['config']): number | undefined {
  const names = Object.keys(reservable) as (keyof typeof reservable)[];
  const name = names.find((one) => reservable[one] === id);
  return name && reservedConcurrency[name];
}

function withCaller(granted: Granted, contract: Route, { publicBaseUrl, claims }: Platform): Granted {
  return {
    ...granted,
    environment: {
      PUBLIC_BASE_URL: publicBaseUrl,
      ...granted.environment,
      ...(!whyOpen(contract) && {
        IDENTITY_ROLES_CLAIM: JSON.stringify(claims.rolesClaim),
        IDENTITY_SCOPES_CLAIM: JSON.stringify(claims.scopesClaim),
        IDENTITY_DJ_CLAIM: JSON.stringify(claims.djClaim),
        IDENTITY_SERVICE_SCOPE: claims.serviceScope,
      }),
    },
  };
}
