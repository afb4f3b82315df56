import { type Kind, kindOf, type World } from './resource-kinds.ts';

/** One synthesized stack: its CloudFormation template and the folders of its file assets by object key. */
export interface StackTemplate {
  name: string;
  template: CloudFormation;
  assets?: ReadonlyMap<string, string>;
}

interface CloudFormation {
  Parameters?: Record<string, { Type?: string; Default?: unknown }>;
  Mappings?: Record<string, Record<string, Record<string, unknown>>>;
  Conditions?: Record<string, unknown>;
  Resources?: Record<string, RawResource>;
  Outputs?: Record<string, { Value: unknown; Export?: { Name: unknown }; Condition?: string }>;
}

interface RawResource {
  Type: string;
  Properties?: Record<string, unknown>;
  Condition?: string;
  Metadata?: Record<string, unknown>;
}

/** A resource whose intrinsics are all resolved. */
export interface Resource {
  stack: string;
  logicalId: string;
  type: string;
  name: string;
  ref: string;
  arn: string;
  properties: Record<string, unknown>;
  metadata: Record<string, unknown>;
}

const noValue = Symbol('AWS::NoValue');

/**
 * Resolves the templates into plain resources, as CloudFormation would on deployment.
 * @throws Error naming the resource, for a type, property or intrinsic that the local stack does not know.
 */
export function resolveTemplates(stacks: readonly StackTemplate[], world: World): Resource[] {
  const all = new Map<string, Resolver>();
  for (const stack of stacks) all.set(stack.name, new Resolver(stack, world, all));
  return [...all.values()].flatMap((resolver) => resolver.resources());
}

class Resolver {
  readonly #stack: StackTemplate;
  readonly #world: World;
  readonly #stacks: ReadonlyMap<string, Resolver>;
  /** Where in the template we are, for messages. */
  #place = '';

  constructor(stack: StackTemplate, world: World, stacks: ReadonlyMap<string, Resolver>) {
    this.#stack = stack;
    this.#world = world;
    this.#stacks = stacks;
  }

  resources(): Resource[] {
    return Object.entries(this.#stack.template.Resources ?? {})
      .filter(([, raw]) => raw.Condition === undefined || this.#condition(raw.Condition))
      .map(([logicalId, raw]) => this.#resource(logicalId, raw));
  }

  exported(name: string): unknown {
    for (const output of Object.values(this.#stack.template.Outputs ?? {})) {
      if (output.Export && this.#resolve(output.Export.Name) === name) return this.#resolve(output.Value);
    }
    return undefined;
  }

  /** Undefined when the stack has no such output, or not under its condition. */
  output(name: string): unknown {
    const output = this.#stack.template.Outputs?.[name];
    if (!output || (output.Condition !== undefined && !this.#condition(output.Condition))) return undefined;
    return this.#resolve(output.Value);
  }

  #imported(name: string): unknown {
    for (const stack of this.#stacks.values()) {
      const value = stack.exported(name);
      if (value !== undefined) return value;
    }
    throw new Error(`${this.#place}: no stack exports ${name}.`);
  }

  #outputOf(argument: Readonly<Record<string, unknown>>): unknown {
    const unknown = Object.keys(argument).find((key) => !['StackName', 'OutputName', 'Region'].includes(key));
    if (unknown)
      throw new Error(`${this.#place}: the local stack does not know Fn::GetStackOutput's ${unknown}.`);
    const { StackName, OutputName, Region } = argument as Record<string, string | undefined>;
    const { region: here } = this.#world;
    const [stack = '', output = '', region = here] = [StackName, OutputName, Region];
    if (region !== here)
      throw new Error(`${this.#place}: the local stack has no region but ${here}, not ${region}.`);
    const value = this.#stacks.get(stack)?.output(output);
    if (value === undefined)
      throw new Error(`${this.#place}: there is no output ${output} of a stack ${stack}.`);
    return value;
  }

  #resource(logicalId: string, raw: RawResource): Resource {
    this.#place = `${this.#stack.name}/${logicalId} (${raw.Type})`;
    const kind = this.#kind(raw.Type);
    const unknown =
      kind.properties && Object.keys(raw.Properties ?? {}).find((p) => !kind.properties?.has(p));
    if (unknown) throw new Error(`${this.#place}: the local stack does not know the property ${unknown}.`);
    // What has no local meaning may hold intrinsics that have none either.
    const properties = kind.properties
      ? (this.#resolve(raw.Properties ?? {}) as Record<string, unknown>)
      : {};
    return {
      stack: this.#stack.name,
      logicalId,
      type: raw.Type,
      name: this.#name(logicalId, kind),
      ref: this.#ref(logicalId),
      arn: this.#attribute(logicalId, 'Arn'),
      properties,
      metadata: raw.Metadata ?? {},
    };
  }

  #kind(type: string): Kind {
    const kind = kindOf(type);
    if (!kind) {
      throw new Error(
        `${this.#place}: the local stack does not know the resource type ${type}. Teach it, or list it in infra/local/resource-kinds.ts as having no local meaning.`,
      );
    }
    return kind;
  }

  #name(logicalId: string, kind: Kind): string {
    const given = kind.nameProperty && this.#raw(logicalId).Properties?.[kind.nameProperty];
    const name = given === undefined ? noValue : this.#resolve(given);
    const text = name === noValue ? `${this.#stack.name}-${logicalId}` : String(name);
    return kind.localName?.(text, this.#world) ?? text;
  }

  #raw(logicalId: string): RawResource {
    const raw = this.#stack.template.Resources?.[logicalId];
    if (!raw) throw new Error(`${this.#place}: there is no resource or parameter ${logicalId}.`);
    return raw;
  }

  #ref(logicalId: string): string {
    const kind = this.#kind(this.#raw(logicalId).Type);
    const name = this.#name(logicalId, kind);
    return kind.ref ? kind.ref(name, this.#world) : name;
  }

  #attribute(logicalId: string, attribute: string): string {
    const { Type: type } = this.#raw(logicalId);
    const kind = this.#kind(type);
    const name = this.#name(logicalId, kind);
    const known = kind.attributes?.[attribute]?.(name, this.#world);
    if (known !== undefined) return known;
    if (attribute === 'Arn') return `arn:aws:local:${this.#world.region}:${this.#world.account}:${name}`;
    if (!kind.properties) return `${name}.${attribute}`;
    throw new Error(`${this.#place}: the local stack does not know the attribute ${attribute} of ${type}.`);
  }

  #condition(name: string): boolean {
    const condition = this.#stack.template.Conditions?.[name];
    if (condition === undefined) throw new Error(`${this.#place}: there is no condition ${name}.`);
    return this.#resolve(condition) === true;
  }

  #resolve(value: unknown): unknown {
    if (Array.isArray(value))
      return value.map((item) => this.#resolve(item)).filter((item) => item !== noValue);
    if (typeof value !== 'object' || value === null) return value;
    const entries = Object.entries(value);
    const [only] = entries;
    if (entries.length === 1 && only && isIntrinsic(only[0])) return this.#intrinsic(only[0], only[1]);
    return Object.fromEntries(
      entries
        .map(([key, item]) => [key, this.#resolve(item)] as const)
        .filter(([, item]) => item !== noValue),
    );
  }

  #intrinsic(name: string, argument: unknown): unknown {
    const list = () => this.#resolve(argument) as unknown[];
    switch (name) {
      case 'Ref':
        return this.#refOrParameter(String(argument));
      case 'Fn::GetAtt': {
        const [logicalId, ...path] =
          typeof argument === 'string' ? argument.split('.') : (argument as string[]);
        return this.#attribute(String(logicalId), path.join('.'));
      }
      case 'Fn::Sub':
        return this.#substitute(argument);
      case 'Fn::Join': {
        const [separator, parts] = list() as [string, unknown[]];
        return parts.join(separator);
      }
      case 'Fn::Select': {
        const [index, items] = list() as [number | string, unknown[]];
        return items[Number(index)];
      }
      case 'Fn::Split': {
        const [separator, text] = list() as [string, string];
        return text.split(separator);
      }
      case 'Fn::If': {
        const [condition, yes, no] = argument as [string, unknown, unknown];
        return this.#resolve(this.#condition(condition) ? yes : no);
      }
      case 'Fn::ImportValue':
        return this.#imported(String(this.#resolve(argument)));
      case 'Fn::GetStackOutput':
        return this.#outputOf(this.#resolve(argument) as Record<string, unknown>);
      case 'Fn::FindInMap': {
        const [map, first, second] = list() as [string, string, string];
        return this.#stack.template.Mappings?.[map]?.[first]?.[second];
      }
      case 'Fn::Equals': {
        const [left, right] = list();
        return left === right;
      }
      case 'Fn::And':
        return list().every((item) => item === true);
      case 'Fn::Or':
        return list().some((item) => item === true);
      case 'Fn::Not':
        return list()[0] !== true;
      case 'Condition':
        return this.#condition(String(argument));
      default:
        throw new Error(`${this.#place}: the local stack does not know the intrinsic ${name}.`);
    }
  }

  #substitute(argument: unknown): string {
    const [text, variables] = (Array.isArray(argument) ? argument : [argument, {}]) as [
      string,
      Record<string, unknown>,
    ];
    return text.replaceAll(/\$\{(!?)([^}]+)\}/g, (_whole, literal: string, name: string) => {
      if (literal) return `\${${name}}`;
      if (name in variables) return String(this.#resolve(variables[name]));
      if (!name.includes('.')) return String(this.#refOrParameter(name));
      const [logicalId = '', ...path] = name.split('.');
      return this.#attribute(logicalId, path.join('.'));
    });
  }

  #refOrParameter(name: string): unknown {
    if (name.startsWith('AWS::')) return this.#pseudo(name);
    const parameter = this.#stack.template.Parameters?.[name];
    if (!parameter) return this.#ref(name);
    if (parameter.Default === undefined) throw new Error(`${this.#place}: parameter ${name} has no default.`);
    return parameter.Default;
  }

  #pseudo(name: string): unknown {
    const pseudo: Record<string, unknown> = {
      'AWS::AccountId': this.#world.account,
      'AWS::Region': this.#world.region,
      'AWS::Partition': 'aws',
      'AWS::URLSuffix': 'amazonaws.com',
      'AWS::StackName': this.#stack.name,
      'AWS::StackId': `arn:aws:cloudformation:${this.#world.region}:${this.#world.account}:stack/${this.#stack.name}/local`,
      'AWS::NotificationARNs': [],
      'AWS::NoValue': noValue,
    };
    if (!(name in pseudo)) throw new Error(`${this.#place}: the local stack does not know ${name}.`);
    return pseudo[name];
  }
}

function isIntrinsic(key: string): boolean {
  return key === 'Ref' || key === 'Condition' || key.startsWith('Fn::');
}
