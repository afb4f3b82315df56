import { afterEach, describe, expect, it, vi } from 'vitest';
import { defaultProvider } from '#infra/environment-credentials.ts';

afterEach(() => {
  vi.unstubAllEnvs();
});

describe('credentials of a bundle', () => {
  it('are those that Lambda puts into the environment', async () => {
    vi.stubEnv('AWS_ACCESS_KEY_ID', 'AKEXAMPLE');
    vi.stubEnv('AWS_SECRET_ACCESS_KEY', 'secret');
    vi.stubEnv('AWS_SESSION_TOKEN', 'session');

    const credentials = await defaultProvider()();

    expect(credentials).toEqual({
      accessKeyId: 'AKEXAMPLE',
      secretAccessKey: 'secret',
      sessionToken: 'session',
    });
  });

  it('are missed with the name of the variable outside of Lambda', async () => {
    vi.stubEnv('AWS_ACCESS_KEY_ID', '');

    await expect(defaultProvider()()).rejects.toThrow('AWS_ACCESS_KEY_ID is not set');
  });
});
