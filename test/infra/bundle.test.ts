import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { afterEach, beforeAll, describe, expect, inject, it, vi } from 'vitest';
import { bundle } from '#infra/bundle.ts';
import { contracts, declared, functionNames, preTokenTrigger } from '#infra/contracts.ts';
import type { Route } from '#shared/http/route.ts';
import type { Consumer } from '#shared/queue/consumer.ts';
import type { Schedule } from '#shared/schedule.ts';
import { bundleClasses } from '#test/bench/bundles.ts';
import { sharedBundles } from '#test/support/bundles.ts';
import { type Synthesized, synthesize } from './synthesize.ts';

interface Bundle {
  readonly code: string;
  /** The files it is made of. */
  readonly inputs: readonly string[];
}

/** What the secrets hold; a function that may read one needs all of it. */
const secretFields = {
  TwilioSecret: ['accountSid', 'authToken', 'nextAuthToken', 'apiKeySid', 'apiKeySecret'],
  TipJarSecret: ['webhookSecret', 'nextWebhookSecret'],
  TipJarApiSecret: ['apiKey'],
  KeysSecret: ['consentKey'],
  CursorsSecret: ['cursorKey'],
  PlatformSecret: ['webhookKey', 'nextWebhookKey'],
};

const everything = [
  ...declared(contracts.routes),
  ...declared(contracts.consumers),
  ...declared(contracts.schedules),
];

let folder: string;
let dev: Synthesized;
const bundles = new Map<string, Bundle>();

beforeAll(async () => {
  const shared = await sharedBundles();
  folder = shared.folder;
  dev = synthesize('dev');
  const { outputs } = shared.metafile;
  for (const { id, bundle: name } of functionNames(contracts)) {
    const code = await readFile(join(folder, name, 'index.js'), 'utf8');
    const made = Object.entries(outputs).find(([path]) => path.endsWith(`/${name}/index.js`));
    bundles.set(id, { code, inputs: Object.keys(made?.[1].inputs ?? {}) });
  }
});
describe('sizes', () => {
  it.each(bundleClasses)('of the class $name stay within its target', ({ functions, sizeKb: [target] }) => {
    expect(functions).not.toEqual([]);
    for (const id of functions) {
      const bytes = Buffer.byteLength(bundles.get(id)?.code ?? '');
      expect(bytes, id).toBeGreaterThan(0);
      expect(bytes / 1024, id).toBeLessThanOrEqual(target);
    }
  });
});

afterEach(() => {
  vi.unstubAllEnvs();
});

function bundleOf(id: string): Bundle {
  const found = bundles.get(id);
  if (!found) throw new Error(`no bundle of ${id}`);
  return found;
}

describe('the bundle', () => {
  it.each(everything)('of $id carries its own contract and none of its siblings', ({ id, contract }) => {
    const { code, inputs } = bundleOf(id);
    const own = marks(contract);
    // The API's document names them all.
    if (inputs.includes('docs/openapi.json')) return;
    const found = marksIn(code);

    const carried = everything
      .filter((other) => other.id !== id)
      .filter((sibling) => marks(sibling.contract).some((mark) => !own.includes(mark) && found.has(mark)));

    expect(carried.map((sibling) => sibling.id)).toEqual([]);
    if ('path' in contract) expect(own.some((mark) => found.has(mark))).toBe(true);
  });

  it.each(functionNames(contracts))(
    'of $id loads as CommonJS with the environment that its grants give it, and exports its handler',
    ({ id, bundle: name }) => {
      const require = createRequire(import.meta.url);
      const { Variables } = dev.lambda(id).properties.Environment;
      for (const [variable, value] of Object.entries(Variables)) vi.stubEnv(variable, value);

      const loaded = require(join(folder, name, 'index.js')) as { handler?: unknown };

      expect(loaded.handler).toBeTypeOf('function');
    },
  );

  it.each(functionNames(contracts))(
    'of $id comes with its source map, without the sources',
    async ({ bundle: name }) => {
      const map = JSON.parse(await readFile(join(folder, name, 'index.js.map'), 'utf8')) as Record<
        string,
        unknown
      >;

      expect(map['sources']).toContainEqual(expect.stringMatching(/functions\/.*\.ts$/));
      expect(map['sourcesContent']).toBeUndefined();
    },
  );

  it('takes credentials from the environment, not from the chain of the SDK', () => {
    const withSdk = [...bundles.values()].filter(({ inputs }) =>
      inputs.some((path) => path.includes('@aws-sdk/client-')),
    );

    expect(withSdk.length).toBeGreaterThan(20);
    for (const { inputs } of withSdk) {
      expect(inputs).toContain('infra/environment-credentials.ts');
      expect(inputs.filter((path) => path.includes('@aws-sdk/credential-provider-'))).toEqual([]);
    }
  });

  // Twilio's one secret is the same for those that only check signatures: its auth token is needed for both.
  it.each(functionNames(contracts))(
    'of $id uses every field of the secrets that its role may read, and none of others',
    ({ id }) => {
      const readable = dev
        .statements(id)
        .filter(({ actions }) => actions.includes('secretsmanager:GetSecretValue'))
        .flatMap(({ resources }) => resources);
      const { code } = bundleOf(id);
      const uses = (field: string) => new RegExp(`\\b${field}\\b`).test(code);

      for (const [secret, fields] of Object.entries(secretFields)) {
        const used = fields.filter(uses);
        expect(used, secret).toEqual(readable.includes(`data/${secret}`) ? fields : []);
      }
    },
  );

  it('never contains the root of the twilio package, which is 3.6 MB', () => {
    for (const [id, { inputs }] of bundles) {
      expect(
        inputs.filter((path) => /twilio\/(lib\/)?(index|rest\/Twilio)\.js$/.test(path)),
        id,
      ).toEqual([]);
    }
  });

  describe('of a function that makes texts', () => {
    const withRest = 'shared/twilio/messages.ts';
    const withReply = 'shared/twilio/message-reply.ts';
    const makers = (file: string) =>
      [...bundles].filter(([, { inputs }]) => inputs.includes(file)).map(([id]) => id);

    it('is one of the known senders, and has the door before Twilio', () => {
      expect(makers(withRest).toSorted()).toEqual([
        'messages.alertDj',
        'messages.sendFollowUp',
        'messages.tellFormerTarget',
      ]);
      expect(makers(withReply)).toEqual(['messages.receiveMessage']);
      for (const id of makers(withRest)) expect(bundleOf(id).inputs).toContain('shared/texts/send-once.ts');
      for (const id of makers(withReply))
        expect(bundleOf(id).inputs).toEqual(
          expect.arrayContaining(['shared/texts/receive-text.ts', 'shared/texts/judge.ts']),
        );
    });

    it('has no other way to make one', () => {
      for (const [id, { code, inputs }] of bundles) {
        const parts = inputs.filter((path) =>
          /twilio\/lib\/(rest\/.*\/message(\.js|\/)|twiml\/MessagingResponse)/.test(path),
        );
        expect(parts.length > 0, id).toBe(makers(withRest).includes(id));
        expect(code.includes('<Message>'), id).toBe(makers(withReply).includes(id));
      }
    });
  });

  it.each(everything)('of $id is no larger than its kind needs', ({ id }) => {
    const { code, inputs } = bundleOf(id);
    const uses = (what: string) => inputs.some((path) => path.includes(what));

    const kilobytes = Buffer.byteLength(code) / 1000;

    // A status webhook takes a form and writes; zod with our sentences, TwiML, S3, the API's document and the rules for phone numbers cost what
    // is added for them.
    const restClient = 1350;
    const plain =
      320 +
      (uses('/zod/') ? 114 : 0) +
      (uses('/twiml/') ? 80 : 0) +
      (uses('/client-s3/') ? 170 : 0) +
      (uses('docs/openapi.json') ? 190 : 0);
    const limit = uses('/twilio/lib/base/BaseTwilio')
      ? restClient
      : plain + (uses('/libphonenumber-js/') ? 130 : 0);
    expect(kilobytes).toBeLessThanOrEqual(limit);
  });
});

describe('a missing handler file', () => {
  it('is named with the function that declares it, and nothing is bundled', async () => {
    const nowhere = {
      ...preTokenTrigger,
      id: 'calls.hangUp',
      file: 'functions/calls/hang-up.ts',
      bundle: 'calls-hang-up',
    };

    await expect(bundle(join(inject('runFolder'), 'none'), [nowhere])).rejects.toThrow(
      'calls.hangUp is declared, but functions/calls/hang-up.ts does not exist',
    );
  });
});

/** What a contract can be told by in code. */
function marks(contract: Route | Consumer | Schedule): string[] {
  const members = { summary: contract.summary, ...('path' in contract && { path: contract.path }) };
  return Object.entries(members).map(([name, text]) => `${name}:${text}`);
}

/** What of that is in minified code. */
function marksIn(code: string): Set<string> {
  // Looked ahead for, so that a text that only looks like a member hides none that follows.
  const members = code.matchAll(/\b(summary|path):(?=(?:"([^"]*)"|'([^']*)'|`([^`]*)`))/g);
  return new Set(
    [...members].map(([, name, ...texts]) => `${name}:${texts.find((text) => text !== undefined)}`),
  );
}
