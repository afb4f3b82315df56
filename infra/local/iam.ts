import type { Resource } from './template.ts';

/** One act a function asks for. */
export interface Act {
  /** As IAM writes it: `dynamodb:GetItem`. */
  action: string;
  resource: string;
  /** Partition keys the request touches; undefined: the request has none, as a Scan. */
  leadingKeys?: string[] | undefined;
}

interface Statement {
  deny: boolean;
  actions: RegExp[];
  resources: RegExp[];
  leadingKeys: RegExp[] | undefined;
}

interface RawStatement {
  Effect: string;
  Action?: string | string[];
  Resource?: string | string[];
  Condition?: Record<string, Record<string, string | string[]>>;
}

/** What each role may do, by the role's ARN. */
export class Permissions {
  readonly #statements = new Map<string, Statement[]>();

  /** @throws Error for a statement that the local stack cannot judge. */
  constructor(resources: readonly Resource[]) {
    for (const role of resources.filter(({ type }) => type === 'AWS::IAM::Role')) {
      const inline = (role.properties['Policies'] ?? []) as { PolicyDocument: unknown }[];
      const attached = resources
        .filter(
          ({ type, properties }) =>
            type === 'AWS::IAM::Policy' && listOf(properties['Roles'] as string[]).includes(role.ref),
        )
        .map(({ properties }) => ({ PolicyDocument: properties['PolicyDocument'] }));
      this.#statements.set(
        role.arn,
        [...inline, ...attached].flatMap(({ PolicyDocument: document }) =>
          listOf((document as { Statement: RawStatement | RawStatement[] }).Statement)
            .filter(isEnforced)
            .map((statement) => parse(statement, `${role.stack}/${role.logicalId}`)),
        ),
      );
    }
  }

  allows(roleArn: string, act: Act): boolean {
    const matching = (this.#statements.get(roleArn) ?? []).filter((statement) => matches(statement, act));
    return matching.length > 0 && matching.every(({ deny }) => !deny);
  }
}

const services = ['dynamodb', 's3', 'sqs', 'secretsmanager'];

function isEnforced(statement: RawStatement): boolean {
  const actions = listOf(statement.Action);
  // NotAction may reach anything; parse() refuses it.
  return (
    actions.length === 0 ||
    actions.some((action) => action === '*' || services.includes(action.split(':')[0] ?? ''))
  );
}

function parse(statement: RawStatement, place: string): Statement {
  if (!statement.Action || !statement.Resource)
    throw new Error(`${place}: the local stack judges IAM statements by Action and Resource only.`);
  let leadingKeys: RegExp[] | undefined;
  for (const [operator, tests] of Object.entries(statement.Condition ?? {})) {
    for (const [key, values] of Object.entries(tests)) {
      if (
        !/^ForAllValues:String(Like|Equals)$/.test(operator) ||
        key.toLowerCase() !== 'dynamodb:leadingkeys'
      ) {
        throw new Error(`${place}: the local stack does not know the IAM condition ${operator} on ${key}.`);
      }
      leadingKeys = listOf(values).map((value) =>
        pattern(value, operator.endsWith('Like') ? 'Like' : 'Equals'),
      );
    }
  }
  return {
    deny: statement.Effect === 'Deny',
    actions: listOf(statement.Action).map((action) => pattern(action, 'Like', 'i')),
    resources: listOf(statement.Resource).map((resource) => pattern(resource, 'Like')),
    leadingKeys,
  };
}

function matches({ actions, resources, leadingKeys }: Statement, act: Act): boolean {
  return (
    actions.some((action) => action.test(act.action)) &&
    resources.some((resource) => resource.test(act.resource)) &&
    // ForAllValues is true of a request without keys: that is why Scan must never be granted.
    (!leadingKeys || (act.leadingKeys ?? []).every((key) => leadingKeys.some((allowed) => allowed.test(key))))
  );
}

function pattern(text: string, kind: 'Like' | 'Equals', flags = ''): RegExp {
  const escaped = text.replaceAll(/[\\^$.|+()[\]{}]/g, '\\$&');
  const body =
    kind === 'Like'
      ? escaped.replaceAll('*', '[^]*').replaceAll('?', '[^]')
      : escaped.replaceAll(/[*?]/g, '\\$&');
  return new RegExp(`^${body}$`, flags);
}

function listOf<T>(value: T | T[] | undefined): T[] {
  if (value === undefined) return [];
  return Array.isArray(value) ? value : [value];
}
