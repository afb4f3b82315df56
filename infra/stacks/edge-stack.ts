import { CfnOutput, RemovalPolicy, Stack, type StackProps } from 'aws-cdk-lib';
import { AccessLogFormat } from 'aws-cdk-lib/aws-apigateway';
import {
  ApiMapping,
  type CfnStage,
  DomainName,
  HttpApi,
  HttpStage,
  LogGroupLogDestination,
} from 'aws-cdk-lib/aws-apigatewayv2';
import { Certificate } from 'aws-cdk-lib/aws-certificatemanager';
import { FilterPattern, LogGroup, MetricFilter, RetentionDays } from 'aws-cdk-lib/aws-logs';
import { ARecord, HostedZone, RecordTarget } from 'aws-cdk-lib/aws-route53';
import { ApiGatewayv2DomainProperties } from 'aws-cdk-lib/aws-route53-targets';
import type { Construct } from 'constructs';
import type { Config } from '#infra/config.ts';
import type { Gateway } from '#infra/constructs/http-routes.ts';
import { metricsNamespace, resourceName } from '#infra/constructs/names.ts';
import type { Platform } from '#infra/constructs/platform.ts';
import { type Contracts, declared } from '#infra/contracts.ts';
import { errorPattern, routeErrors } from '#infra/metrics.ts';

export interface EdgeStackProps extends StackProps {
  readonly contracts: Contracts;
  readonly gateway: Gateway;
  readonly platform: Platform;
}

/** Requests a second, over all callers. Twilio calls three routes for each phone call. */
const throttle = { rateLimit: 2000, burstLimit: 4000 };
const publicThrottle = { rateLimit: 50, burstLimit: 100 };

/** The gateway's stage. It comes after all routes: settings of a route that is not there yet fail its deployment. */
export class EdgeStack extends Stack {
  constructor(scope: Construct, id: string, { contracts, gateway, platform, ...props }: EdgeStackProps) {
    super(scope, id, props);
    const { config } = platform;
    const api = HttpApi.fromHttpApiAttributes(this, 'Api', { httpApiId: gateway.apiId });
    const logGroup = new LogGroup(this, 'AccessLog', {
      logGroupName: `/aws/apigateway/${resourceName(config.stage)}`,
      retention: RetentionDays.ONE_MONTH,
      removalPolicy: RemovalPolicy.DESTROY,
    });
    const stage = new HttpStage(this, 'Stage', {
      httpApi: api,
      stageName: '$default',
      autoDeploy: true,
      throttle,
      accessLogSettings: {
        destination: new LogGroupLogDestination(logGroup),
        format: AccessLogFormat.custom(accessLogFormat),
      },
    });
    const publicRoutes = declared(contracts.routes).filter(({ contract }) => contract.auth[0] === 'public');
    (stage.node.defaultChild as CfnStage).routeSettings = Object.fromEntries(
      publicRoutes.map(({ contract: { method, path } }) => [
        `${method} ${path}`,
        {
          ThrottlingRateLimit: publicThrottle.rateLimit,
          ThrottlingBurstLimit: publicThrottle.burstLimit,
        },
      ]),
    );
    if (config.customDomain) this.#addDomain(config.customDomain, api, stage);
    // Also keeps the URL readable for stacks that still have it while a custom domain is introduced.
    new CfnOutput(this, 'GatewayUrl', {
      value: gateway.url,
      description: "The gateway's own URL, which works beside a custom domain",
    });
    for (const [metricName, routes] of routeErrors(contracts)) {
      new MetricFilter(this, metricName, {
        logGroup,
        filterPattern: FilterPattern.literal(errorPattern(routes)),
        metricNamespace: metricsNamespace(config.stage),
        metricName,
      });
    }
  }

  #addDomain(
    { domainName, certificateArn, hostedZone }: NonNullable<Config['customDomain']>,
    api: ReturnType<typeof HttpApi.fromHttpApiAttributes>,
    stage: HttpStage,
  ): void {
    const domain = new DomainName(this, 'Domain', {
      domainName,
      certificate: Certificate.fromCertificateArn(this, 'Certificate', certificateArn),
    });
    new ApiMapping(this, 'Mapping', { api, domainName: domain, stage });
    if (!hostedZone) return;
    new ARecord(this, 'Alias', {
      zone: HostedZone.fromHostedZoneAttributes(this, 'Zone', {
        hostedZoneId: hostedZone.id,
        zoneName: hostedZone.name,
      }),
      recordName: domainName,
      target: RecordTarget.fromAlias(
        new ApiGatewayv2DomainProperties(domain.regionalDomainName, domain.regionalHostedZoneId),
      ),
    });
  }
}

/** Names the route, never the path or query, where ids and numbers may stand. */
const accessLogFormat = JSON.stringify({
  requestId: '$context.requestId',
  time: '$context.requestTime',
  route: '$context.routeKey',
  status: '$context.status',
  latencyMs: '$context.responseLatency',
  integrationLatencyMs: '$context.integrationLatency',
  responseBytes: '$context.responseLength',
  ip: '$context.identity.sourceIp',
  userAgent: '$context.identity.userAgent',
  error: '$context.error.message',
  authorizerError: '$context.authorizer.error',
});
