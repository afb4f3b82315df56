import { SecretValue, Validations } from 'aws-cdk-lib';
import { type CfnSecret, Secret } from 'aws-cdk-lib/aws-secretsmanager';
import { Construct } from 'constructs';
import type { Platform } from './platform.ts';
import { removalPolicyOf } from './removal-policy.ts';

type PlatformSecrets = Platform['secrets'];

export interface SecretsProps {
  readonly stage: string;
  readonly retainData: boolean;
}

/** The secrets that functions read at run time; no value ever stands in a template. */
export class Secrets extends Construct implements PlatformSecrets {
  readonly twilio: Secret;
  readonly tipjar: Secret;
  readonly tipjarApi: Secret;
  readonly keys: Secret;
  readonly cursors: Secret;
  readonly platform: Secret;

  constructor(scope: Construct, id: string, { stage, retainData }: SecretsProps) {
    super(scope, id);
    const removalPolicy = removalPolicyOf(retainData);
    // An empty object is valid nowhere: until the operator fills it in, the functions answer "not configured".
    const toFillIn = SecretValue.unsafePlainText('{}');
    this.twilio = new Secret(this, 'Twilio', {
      secretName: `switchboard/${stage}/twilio`,
      description: 'Twilio: {accountSid, authToken, nextAuthToken?, apiKeySid?, apiKeySecret?}',
      secretStringValue: toFillIn,
      removalPolicy,
    });
    this.tipjar = new Secret(this, 'TipJar', {
      secretName: `switchboard/${stage}/tipjar`,
      description: 'What TipJar signs its webhooks with: {webhookSecret, nextWebhookSecret?}',
      secretStringValue: toFillIn,
      removalPolicy,
    });
    this.tipjarApi = new Secret(this, 'TipJarApi', {
      secretName: `switchboard/${stage}/tipjar-api`,
      description: 'What we sign in to TipJar with: {apiKey?}',
      secretStringValue: toFillIn,
      removalPolicy,
    });
    this.keys = new Secret(this, 'Keys', {
      secretName: `switchboard/${stage}/keys`,
      description: 'Key under which opt-outs are remembered: losing it forgets them all',
      generateSecretString: {
        secretStringTemplate: '{}',
        generateStringKey: 'consentKey',
        passwordLength: 64,
        excludePunctuation: true,
      },
      removalPolicy,
    });
    this.cursors = new Secret(this, 'Cursors', {
      secretName: `switchboard/${stage}/cursors`,
      description:
        'Key that the cursors of lists are encrypted with: losing it ends the lists that are being read',
      generateSecretString: {
        secretStringTemplate: '{}',
        generateStringKey: 'cursorKey',
        passwordLength: 64,
        excludePunctuation: true,
      },
      removalPolicy,
    });
    this.platform = new Secret(this, 'Platform', {
      secretName: `switchboard/${stage}/platform`,
      description: 'Platform: {webhookKey, nextWebhookKey?}, base64; events are signed with it',
      generateSecretString: {
        secretStringTemplate: '{}',
        generateStringKey: 'webhookKey',
        // Letters and digits, a multiple of four of them: what is generated is base64 as it stands.
        passwordLength: 44,
        excludePunctuation: true,
      },
      removalPolicy,
    });
    for (const [secret, logicalId, rotation] of [
      [this.twilio, 'TwilioSecret', 'Twilio issues the auth token; the secret has a place for the next one.'],
      [
        this.tipjar,
        'TipJarSecret',
        'TipJar issues the webhook secret; the secret has a place for the next one.',
      ],
      [
        this.tipjarApi,
        'TipJarApiSecret',
        'TipJar issues the API key; a new one is put in by hand when it does.',
      ],
      [
        this.cursors,
        'CursorsSecret',
        'Another key would refuse the cursors that people hold; what it hides serves for minutes.',
      ],
      [this.keys, 'KeysSecret', 'The key must never change: opt-outs are stored under an HMAC made with it.'],
      [
        this.platform,
        'PlatformSecret',
        'The platform takes the key over by hand; the secret has a place for the next one.',
      ],
    ] as const) {
      (secret.node.defaultChild as CfnSecret).overrideLogicalId(logicalId);
      Validations.of(secret).acknowledge({ id: 'AwsSolutions::AwsSolutions-SMG4', reason: rotation });
    }
  }
}
