import { randomBytes, randomUUID } from 'node:crypto';
import { type Keep, nothingKept } from './keep.ts';
import type { Resource } from './template.ts';

interface Generate {
  SecretStringTemplate?: string;
  GenerateStringKey?: string;
  PasswordLength?: number;
}

/** Secrets Manager as far as functions use it: GetSecretValue. */
export class Secrets {
  readonly #values = new Map<string, { name: string; arn: string; text: string; versionId: string }>();

  constructor(resources: readonly Resource[], keep: Keep = nothingKept) {
    const before =
      keep.part('secrets', () =>
        Object.fromEntries([...this.#values.values()].map(({ name, text }) => [name, text])),
      ) ?? {};
    for (const { name, ref, properties } of resources.filter(
      ({ type }) => type === 'AWS::SecretsManager::Secret',
    )) {
      const given = properties['SecretString'] as string | undefined;
      const text =
        before[name] ?? given ?? generate(properties['GenerateSecretString'] as Generate | undefined);
      this.#values.set(ref, { name, arn: ref, text, versionId: randomUUID() });
    }
  }

  /** Fills a secret in, as the operator does after a first deployment. */
  put(arn: string, fields: Record<string, string>): void {
    const secret = this.#values.get(arn);
    if (!secret) throw new Error(`There is no secret ${arn}.`);
    secret.text = JSON.stringify(fields);
    secret.versionId = randomUUID();
  }

  /** ARN of the secret that a request names by ARN or name. */
  find(secretId: string): string | undefined {
    return [...this.#values.values()].find(({ name, arn }) => arn === secretId || name === secretId)?.arn;
  }

  /** The reply to GetSecretValue. */
  reply(arn: string): Record<string, unknown> {
    const secret = this.#values.get(arn);
    return {
      ARN: arn,
      Name: secret?.name,
      SecretString: secret?.text,
      VersionId: secret?.versionId,
      VersionStages: ['AWSCURRENT'],
    };
  }
}

function generate({ SecretStringTemplate, GenerateStringKey, PasswordLength = 32 }: Generate = {}): string {
  const password = randomBytes(PasswordLength).toString('hex').slice(0, PasswordLength);
  if (!GenerateStringKey) return password;
  return JSON.stringify({
    ...(JSON.parse(SecretStringTemplate ?? '{}') as Record<string, unknown>),
    [GenerateStringKey]: password,
  });
}
