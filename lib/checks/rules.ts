import { capacityRules } from './capacity';
import { connectionRules } from './connections';
import { imageSourceRules } from './delivery/image-sources';
import { applicationRules } from './delivery/applications';
import { chartValueRules } from './delivery/chart-values';
import { projectRules } from './delivery/projects';
import { gatewayRules } from './gateway';
import { identityRules } from './identity';
import { containerRules } from './policy/containers';
import { boundedVolumeRules } from './policy/bounded-volumes';
import { databaseRules } from './policy/databases';
import { podRules } from './policy/pods';
import { quotaRules } from './policy/quota';
import { securityRules } from './policy/security';
import { storageRules } from './policy/storage';
import { workloadRules } from './policy/workloads';
import { exposureRules } from './privilege/exposure';
import { networkPolicyRules } from './privilege/network-policies';
import { roleRules } from './privilege/roles';
import { configurationRules } from './references/configuration';
import { serviceRules } from './references/services';
import { storageReferenceRules } from './references/storage';
import type { Rule } from './rule';
import { addressRules } from './wiring/addresses';
import { listeningRules } from './wiring/listening';
import { orderRules } from './wiring/order';
import { valueRules } from './wiring/values';
import { schemaRules } from './schema';
import { secretMaterialRules } from './secret-material';

/** Every rule, in the order in which findings are easiest to remedy: shape first, then names, then policy. */
export const rules: readonly Rule[] = [
  ...schemaRules,
  ...identityRules,
  ...serviceRules,
  ...configurationRules,
  ...storageReferenceRules,
  ...addressRules,
  ...listeningRules,
  ...orderRules,
  ...valueRules,
  ...gatewayRules,
  ...securityRules,
  ...containerRules,
  ...podRules,
  ...workloadRules,
  ...storageRules,
  ...boundedVolumeRules,
  ...databaseRules,
  ...quotaRules,
  ...capacityRules,
  ...connectionRules,
  ...roleRules,
  ...exposureRules,
  ...networkPolicyRules,
  ...applicationRules,
  ...projectRules,
  ...chartValueRules,
  ...imageSourceRules,
  ...secretMaterialRules,
];
