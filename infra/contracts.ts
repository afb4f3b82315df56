import { consumers } from '#functions/consumers.ts';
import { routes } from '#functions/routes.ts';
import { schedules } from '#functions/schedules.ts';
import type { Route } from '#shared/http/route.ts';
import type { Consumer } from '#shared/queue/consumer.ts';
import type { Schedule } from '#shared/schedule.ts';

type ByDomain<C> = Readonly<Record<string, Readonly<Record<string, () => C>>>>;

/** Everything the functions promise; infrastructure is derived from it. */
export interface Contracts {
  readonly routes: ByDomain<Route>;
  readonly consumers: ByDomain<Consumer>;
  readonly schedules: ByDomain<Schedule>;
}

/** The contracts of this project. */
export const contracts: Contracts = { routes, consumers, schedules };

/** Where a function's name, file and bundle are; all follow from its id. */
export interface FunctionName {
  /** `calls.answerCall` */
  readonly id: string;
  /** `calls` */
  readonly domain: string;
  /** `answerCall` */
  readonly name: string;
  /** `functions/calls/answer-call.ts`, from the project's root. */
  readonly file: string;
  /** Folder of the bundle and end of the Lambda's name: `calls-answer-call`. */
  readonly bundle: string;
}

/** A contract with its name. */
export interface Declared<C> extends FunctionName {
  readonly contract: C;
}

/** Cognito's pre-token-generation trigger: the only function that no contract declares. */
export const preTokenTrigger = functionName('identity', 'addDjClaim');

/** All contracts of one kind in a stable order. */
export function declared<C>(contractsOfKind: ByDomain<C>): Declared<C>[] {
  return Object.entries(contractsOfKind).flatMap(([domain, named]) =>
    Object.entries(named).map(([name, contract]) => ({
      ...functionName(domain, name),
      contract: contract(),
    })),
  );
}

/** The same by their ids: modules list what they export in the order of the source in some tools, by name in others. */
export function sorted<C>(contractsOfKind: ByDomain<C>): Declared<C>[] {
  return declared(contractsOfKind).toSorted((a, b) => (a.id < b.id ? -1 : 1));
}

/** Every function that is deployed. */
export function functionNames({ routes, consumers, schedules }: Contracts): FunctionName[] {
  return [...declared(routes), ...declared(consumers), ...declared(schedules), preTokenTrigger];
}

/** The function of an id such as `calls.answerCall`. Throws when no contract declares it: ids are checked nowhere else. */
export function functionNamed(contracts: Contracts, id: string): FunctionName {
  const found = functionNames(contracts).find((name) => name.id === id);
  if (!found) throw new Error(`No contract declares the function ${id}`);
  return found;
}

/** `followUps` -> `follow-ups` */
export function kebab(name: string): string {
  return name.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
}

function functionName(domain: string, name: string): FunctionName {
  return {
    id: `${domain}.${name}`,
    domain,
    name,
    file: `functions/${kebab(domain)}/${kebab(name)}.ts`,
    bundle: `${kebab(domain)}-${kebab(name)}`,
  };
}
