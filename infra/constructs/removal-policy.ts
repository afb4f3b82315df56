import { RemovalPolicy } from 'aws-cdk-lib';

/** What becomes of a resource that holds data when its stack is deleted, or when it is replaced. */
export function removalPolicyOf(retainData: boolean): RemovalPolicy {
  // Not RETAIN: what a first deployment leaves behind when it fails would have the names that the next one needs.
  return retainData ? RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE : RemovalPolicy.DESTROY;
}
