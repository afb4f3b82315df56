import { fileURLToPath } from 'node:url';
import { App, Tags } from 'aws-cdk-lib';
import { type Config, context } from './config.ts';
import { resourceName } from './constructs/names.ts';
import { type Contracts, contracts as projectContracts } from './contracts.ts';
import { ApiStack } from './stacks/api-stack.ts';
import { DataStack } from './stacks/data-stack.ts';
import { DomainStack, domainStacks } from './stacks/domain-stack.ts';
import { EdgeStack } from './stacks/edge-stack.ts';
import { OperationsStack } from './stacks/operations-stack.ts';

export interface BuildOptions {
  /** Folder of the cloud assembly; the cdk command's own unless told. */
  readonly outdir?: string;
  /** Folder of the bundles, which must be there; dist unless told. */
  readonly bundles?: string;
  readonly contracts?: Contracts;
}

/** The whole system of one stage as CloudFormation stacks: data, api, one per domain, edge, operations. */
export function buildApp(config: Config, options: BuildOptions = {}): App {
  const {
    outdir,
    bundles = fileURLToPath(new URL('../dist', import.meta.url)),
    contracts = projectContracts,
  } = options;
  const app = new App({ context, analyticsReporting: false, ...(outdir && { outdir }) });
  const stack = (name: string) => resourceName(config.stage, name);
  const env = { region: config.region, ...(config.account && { account: config.account }) };

  const data = new DataStack(app, stack('data'), { env, config, contracts, bundles });
  const api = new ApiStack(app, stack('api'), { env, config, contracts, data });
  const { gateway, platform } = api;
  const domains = [...domainStacks(contracts)].map(
    ([name, domains]) => new DomainStack(app, stack(name), { env, domains, contracts, gateway, platform }),
  );
  const edge = new EdgeStack(app, stack('edge'), { env, contracts, gateway, platform });
  for (const domain of domains) edge.addStackDependency(domain);
  new OperationsStack(app, stack('operations'), { env, contracts, gateway, platform });
  Tags.of(app).add('project', 'dj-dash-switchboard');
  Tags.of(app).add('stage', config.stage);
  return app;
}
