/**
 * Takes the place of `@aws-sdk/credential-provider-node` in the bundles: in Lambda the credentials always stand in the
 * environment, and the chain of profiles, single sign-on, containers and instances that looks for them costs 133 KB.
 */
export function defaultProvider() {
  return async () => ({
    accessKeyId: variable('AWS_ACCESS_KEY_ID'),
    secretAccessKey: variable('AWS_SECRET_ACCESS_KEY'),
    sessionToken: process.env['AWS_SESSION_TOKEN'],
  });
}

function variable(name: string): string {
  const value = process.env[name];
  if (!value) throw new Error(`${name} is not set: a bundle runs in Lambda or in the local stack only`);
  return value;
}
