import type { Route } from '#shared/http/route.ts';
import type { MetricName } from '#shared/metric.ts';
import { metricService } from '#shared/metric.ts';
import { metricsNamespace, resourceName } from './constructs/names.ts';
import { type Contracts, type Declared, type FunctionName, functionNamed, sorted } from './contracts.ts';

/** A metric before it is anything of the CDK's. */
export interface MetricPlan {
  readonly namespace: string;
  readonly metricName: string;
  readonly dimensions: Readonly<Record<string, string>>;
  readonly statistic: string;
}

/** What the functions of a stage count. */
export function counted(stage: string, metricName: MetricName, statistic = 'Sum'): MetricPlan {
  return {
    namespace: metricsNamespace(stage),
    metricName,
    dimensions: { service: metricService },
    statistic,
  };
}

/** What AWS measures of a function; its name comes from the contracts. */
export function ofFunction(
  stage: string,
  { bundle }: FunctionName,
  metricName: string,
  statistic = 'Sum',
): MetricPlan {
  return {
    namespace: 'AWS/Lambda',
    metricName,
    dimensions: { FunctionName: resourceName(stage, bundle) },
    statistic,
  };
}

export function ofQueue(queueName: string, metricName: string): MetricPlan {
  return { namespace: 'AWS/SQS', metricName, dimensions: { QueueName: queueName }, statistic: 'Maximum' };
}

export function ofApi(apiId: string, metricName: string, statistic = 'Sum'): MetricPlan {
  return { namespace: 'AWS/ApiGateway', metricName, dimensions: { ApiId: apiId }, statistic };
}

/** Errors of the gateway that its access log tells apart by route; the metric of all routes is AWS's own `5xx`. */
export type RouteErrors = 'CallAnswerErrors' | 'TwilioWebhookErrors' | 'TipJarWebhookErrors';

/** The routes whose answer a caller hears first. */
const answers: readonly string[] = ['calls.answerCall', 'calls.answerFallback'];

const belongs: Readonly<Record<RouteErrors, (route: Declared<Route>) => boolean>> = {
  CallAnswerErrors: ({ id }) => answers.includes(id),
  TwilioWebhookErrors: ({ id, contract }) => contract.auth[0] === 'twilio' && !answers.includes(id),
  TipJarWebhookErrors: ({ contract }) => contract.auth[0] === 'tipjar',
};

/** Name of a metric -> the routes whose errors it counts. */
export function routeErrors(contracts: Contracts): Map<RouteErrors, Declared<Route>[]> {
  for (const id of answers) functionNamed(contracts, id);
  const names = Object.keys(belongs) as RouteErrors[];
  return new Map(names.map((name) => [name, sorted(contracts.routes).filter(belongs[name])]));
}

export function ofRoutes(stage: string, metricName: RouteErrors): MetricPlan {
  return { namespace: metricsNamespace(stage), metricName, dimensions: {}, statistic: 'Sum' };
}

/** Which lines of the access log are errors of these routes. */
export function errorPattern(routes: readonly Declared<Route>[]): string {
  const keys = routes.map(({ contract: { method, path } }) => `($.route = "${method} ${path}")`);
  return `{ ($.status = "5*") && (${keys.join(' || ')}) }`;
}
