import {
  AttributeType,
  Billing,
  type CfnGlobalTable,
  ProjectionType,
  StreamViewType,
  TableEncryptionV2,
  TableV2,
} from 'aws-cdk-lib/aws-dynamodb';
import type { Construct } from 'constructs';
import { removalPolicyOf } from './removal-policy.ts';

/** The table's indexes; both are sparse and shared by several access patterns. */
export const indexNames = ['gsi1', 'gsi2'] as const;

export interface SingleTableProps {
  readonly tableName: string;
  readonly retainData: boolean;
}

/** The one table; docs/data-model.md says what lies in it. */
export class SingleTable extends TableV2 {
  constructor(scope: Construct, id: string, { tableName, retainData }: SingleTableProps) {
    super(scope, id, {
      tableName,
      partitionKey: text('pk'),
      sortKey: text('sk'),
      globalSecondaryIndexes: indexNames.map((indexName) => ({
        indexName,
        partitionKey: text(`${indexName}pk`),
        sortKey: text(`${indexName}sk`),
        // One attribute holds what lists show: every projected attribute that changes costs another write.
        projectionType: ProjectionType.INCLUDE,
        nonKeyAttributes: ['record'],
      })),
      billing: Billing.onDemand(),
      encryption: TableEncryptionV2.dynamoOwnedKey(),
      dynamoStream: StreamViewType.NEW_AND_OLD_IMAGES,
      timeToLiveAttribute: 'expiresAt',
      pointInTimeRecoverySpecification: { pointInTimeRecoveryEnabled: true },
      deletionProtection: retainData,
      removalPolicy: removalPolicyOf(retainData),
    });
    // Pinned: a changed logical id would replace the table.
    (this.node.defaultChild as CfnGlobalTable).overrideLogicalId('Table');
  }
}

function text(name: string) {
  return { name, type: AttributeType.STRING };
}
