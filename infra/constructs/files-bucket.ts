import { Duration, Validations } from 'aws-cdk-lib';
import {
  BlockPublicAccess,
  Bucket,
  BucketEncryption,
  type CfnBucket,
  HttpMethods,
  ObjectOwnership,
} from 'aws-cdk-lib/aws-s3';
import type { Construct } from 'constructs';
import { removalPolicyOf } from './removal-policy.ts';

export interface FilesBucketProps {
  /** Days that recordings are kept. */
  readonly recordingDays: number;
  readonly retainData: boolean;
}

/** How the CDK names the output that other stacks read the ARN from: it follows from the pinned logical id. */
const outputName = 'PublishOutputFnGetAttFilesBucketArnCA037F6A';

/** Recordings of calls and exports that people asked for. A bucket with something in it is never deleted. */
export class FilesBucket extends Bucket {
  /** Its ARN as other stacks read it; findings of cdk-nag name it so. */
  readonly readAs: string;

  constructor(scope: Construct, id: string, { recordingDays, retainData }: FilesBucketProps) {
    super(scope, id, {
      encryption: BucketEncryption.S3_MANAGED,
      blockPublicAccess: BlockPublicAccess.BLOCK_ALL,
      objectOwnership: ObjectOwnership.BUCKET_OWNER_ENFORCED,
      enforceSSL: true,
      minimumTLSVersion: 1.2,
      // A page follows the API's redirect here, and its browser then tells no origin; the address itself is the key.
      cors: [{ allowedMethods: [HttpMethods.GET], allowedOrigins: ['*'] }],
      lifecycleRules: [
        { id: 'recordings', prefix: 'recordings/', expiration: Duration.days(recordingDays) },
        { id: 'exports', prefix: 'exports/', expiration: Duration.days(1) },
        { id: 'broken-uploads', abortIncompleteMultipartUploadAfter: Duration.days(1) },
      ],
      removalPolicy: removalPolicyOf(retainData),
    });
    // Pinned: a changed logical id would replace the bucket.
    (this.node.defaultChild as CfnBucket).overrideLogicalId('FilesBucket');
    const { stackName: StackName, region: Region } = this.stack;
    this.readAs = JSON.stringify({ 'Fn::GetStackOutput': { StackName, Region, OutputName: outputName } });
    Validations.of(this).acknowledge({
      id: 'AwsSolutions::AwsSolutions-S1',
      reason:
        'Each address is made by a function that logs for whom; a second bucket of access logs would only repeat the ids.',
    });
  }
}
