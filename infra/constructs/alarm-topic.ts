import { Aws, RemovalPolicy, Validations } from 'aws-cdk-lib';
import { ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { Key } from 'aws-cdk-lib/aws-kms';
import { Topic } from 'aws-cdk-lib/aws-sns';
import { EmailSubscription } from 'aws-cdk-lib/aws-sns-subscriptions';
import { Construct } from 'constructs';

/** Sends alarms to one e-mail address, which has to confirm once. */
export class AlarmTopic extends Construct {
  readonly topic: Topic;

  constructor(scope: Construct, id: string, email: string) {
    super(scope, id);
    // A key of our own: CloudWatch can't publish to a topic under the key that AWS manages for SNS.
    const key = new Key(this, 'Key', {
      description: 'Encrypts the alarms of DJ Dash Switchboard',
      enableKeyRotation: true,
      removalPolicy: RemovalPolicy.DESTROY,
    });
    const cloudWatch = new ServicePrincipal('cloudwatch.amazonaws.com', {
      conditions: { StringEquals: { 'aws:SourceAccount': Aws.ACCOUNT_ID } },
    });
    this.topic = new Topic(this, 'Topic', { masterKey: key, enforceSSL: true });
    // Also lets CloudWatch use the key.
    this.topic.grantPublish(cloudWatch);
    this.topic.addSubscription(new EmailSubscription(email));
    Validations.of(this).acknowledge({
      id: 'Serverless::Serverless-SNSRedrivePolicy',
      reason: 'SNS retries e-mail by itself; the alarm stays visible in CloudWatch and on the dashboard.',
    });
  }
}
