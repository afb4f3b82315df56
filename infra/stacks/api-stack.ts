import { type CfnElement, CfnOutput, Duration, Stack, type StackProps } from 'aws-cdk-lib';
import { CorsHttpMethod, HttpApi, HttpAuthorizer, HttpAuthorizerType } from 'aws-cdk-lib/aws-apigatewayv2';
import type { Construct } from 'constructs';
import type { Config } from '#infra/config.ts';
import { type Gateway, HttpRoutes } from '#infra/constructs/http-routes.ts';
import { resourceName } from '#infra/constructs/names.ts';
import type { Platform } from '#infra/constructs/platform.ts';
import { type Contracts, declared } from '#infra/contracts.ts';
import type { DataStack } from './data-stack.ts';

export interface ApiStackProps extends StackProps {
  readonly config: Config;
  readonly contracts: Contracts;
  readonly data: DataStack;
}

/** Domains without a stack of their own: they belong to the gateway. */
export const gatewayDomains: readonly string[] = ['document', 'health', 'identity'];

/** The HTTP API and who may pass; routes are in the stacks of their domains, the stage is in the edge stack. */
export class ApiStack extends Stack {
  readonly gateway: Gateway;
  readonly platform: Platform;

  constructor(scope: Construct, id: string, { config, contracts, data, ...props }: ApiStackProps) {
    // Another API would have another URL, to which no number points yet.
    super(scope, id, { ...props, terminationProtection: config.retainData });
    const api = new HttpApi(this, 'Api', {
      apiName: resourceName(config.stage),
      description: 'DJ Dash Switchboard',
      createDefaultStage: false,
      corsPreflight: {
        allowOrigins: config.allowedOrigins,
        allowMethods: [
          CorsHttpMethod.GET,
          CorsHttpMethod.POST,
          CorsHttpMethod.PUT,
          CorsHttpMethod.PATCH,
          CorsHttpMethod.DELETE,
        ],
        allowHeaders: ['authorization', 'content-type', 'idempotency-key'],
        exposeHeaders: ['idempotent-replayed', 'retry-after', 'x-request-id'],
        maxAge: Duration.hours(1),
      },
    });
    const authorizer = new HttpAuthorizer(this, 'Tokens', {
      httpApi: api,
      authorizerName: 'tokens',
      type: HttpAuthorizerType.JWT,
      identitySource: ['$request.header.Authorization'],
      jwtIssuer: data.issuer,
      jwtAudience: [...data.audience],
    });
    // Pinned as the CDK once named them: another API would have another URL, and routes name the authorizer.
    pin(api, 'ApiF70053CD');
    pin(authorizer, 'Tokens1180AAEA');
    this.gateway = { apiId: api.apiId, authorizerId: authorizer.authorizerId, url: api.apiEndpoint };
    this.platform = { ...data.platform, ...baseUrls(config, this.gateway.url) };
    new HttpRoutes(this, 'Routes', {
      routes: declared(contracts.routes).filter(({ domain }) => gatewayDomains.includes(domain)),
      gateway: this.gateway,
      platform: this.platform,
    });
    new CfnOutput(this, 'ApiUrl', {
      value: this.platform.publicBaseUrl,
      description: 'Where people, Twilio and TipJar reach the API',
    });
  }
}

/** The base URL that is handed out, and the others for which webhooks may be signed: all under which the API is served. */
function baseUrls({ customDomain, publicBaseUrl, formerBaseUrls }: Config, apiEndpoint: string) {
  const domain = customDomain && `https://${customDomain.domainName}`;
  const present = publicBaseUrl ?? (customDomain?.inUse && domain ? domain : apiEndpoint);
  const all = [...(domain ? [domain, apiEndpoint] : []), ...formerBaseUrls];
  return { publicBaseUrl: present, formerBaseUrls: [...new Set(all)].filter((url) => url !== present) };
}

function pin(construct: Construct, logicalId: string): void {
  (construct.node.defaultChild as CfnElement).overrideLogicalId(logicalId);
}
