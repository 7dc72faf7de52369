import { capacityRules } from './capacity';
import { connectionRules } from './connections';
import { imageNameRules, imageSourceRules } from './delivery/image-sources';
import { applicationSettingRules } from './delivery/application-settings';
import { applicationRules } from './delivery/applications';
import { chartReferenceRules } from './delivery/chart-references';
import { chartValueRules } from './delivery/chart-values';
import { chartPrivilegeRules } from './delivery/chart-privileges';
import { collectorRules } from './monitoring/collectors';
import { deliveryOrderRules } from './delivery/delivery-order';
import { healthCheckRules } from './delivery/health-checks';
import { projectRules } from './delivery/projects';
import { gatewayRules } from './gateway';
import { gatewayArgumentRules } from './gateway/gateway-arguments';
import { crossOriginRules } from './gateway/cross-origin';
import { identityRules } from './identity';
import { labelRules } from './labels';
import { amountRules } from './operation/amounts';
import { autoscalingRules } from './operation/autoscaling';
import { placeRules } from './operation/places';
import { podSettingRules } from './operation/pod-settings';
import { probeRules } from './operation/probes';
import { rollOutRules } from './operation/roll-outs';
import { taskRules } from './operation/tasks';
import { containerRules } from './policy/containers';
import { boundedVolumeRules } from './policy/bounded-volumes';
import { databaseAmountRules } from './databases/amounts';
import { databaseRules } from './policy/databases';
import { podRules } from './policy/pods';
import { quotaRules } from './policy/quota';
import { securityRules } from './policy/security';
import { storageRules } from './policy/storage';
import { workloadRules } from './policy/workloads';
import { admissionPolicyRules } from './privilege/admission-policies';
import { exposureRules } from './privilege/exposure';
import { guardedPodRules } from './privilege/guarded-pods';
import { networkPolicyRules } from './privilege/network-policies';
import { policyPortRules } from './privilege/policy-ports';
import { roleRules } from './privilege/roles';
import { credentialRules } from './programs/credentials';
import { dumpRules } from './databases/dumps';
import { statementRules } from './databases/statements';
import { fileSettingRules } from './programs/file-settings';
import { fileRules } from './programs/files';
import { needRules } from './programs/needs';
import { optionBoundRules } from './programs/option-bounds';
import { optionRules } from './programs/options';
import { databaseServerRules } from './servers/database-servers';
import { requirementRules } from './programs/requirements';
import { scriptEffectRules } from './scripts/script-effects';
import { scriptTextRules } from './scripts/script-texts';
import { scriptRules } from './scripts/scripts';
import { variableRules } from './programs/variables';
import { webServerRules } from './servers/web-servers';
import { configurationRules } from './references/configuration';
import { serviceSettingRules } from './references/service-settings';
import { secretVolumeRules } from './references/secret-volumes';
import { serviceRules } from './references/services';
import { storageReferenceRules } from './references/storage';
import type { Rule } from './rule';
import { addressRules } from './wiring/addresses';
import { certificateRules } from './wiring/certificates';
import { listeningRules } from './wiring/listening';
import { loopbackRules } from './wiring/loopback';
import { orderRules } from './wiring/order';
import { valueRules } from './wiring/values';
import { waitingRules } from './wiring/waiting';
import { schemaRules } from './schema';
import { secretMaterialRules } from './secret-material';

/** Every rule, in the order in which findings are easiest to remedy: shape first, then names, then policy. */
export const rules: readonly Rule[] = [
  ...schemaRules,
  ...identityRules,
  ...labelRules,
  ...serviceRules,
  ...serviceSettingRules,
  ...configurationRules,
  ...secretVolumeRules,
  ...storageReferenceRules,
  ...addressRules,
  ...certificateRules,
  ...listeningRules,
  ...loopbackRules,
  ...orderRules,
  ...valueRules,
  ...waitingRules,
  ...optionRules,
  ...optionBoundRules,
  ...fileRules,
  ...fileSettingRules,
  ...needRules,
  ...requirementRules,
  ...variableRules,
  ...databaseServerRules,
  ...webServerRules,
  ...scriptRules,
  ...scriptEffectRules,
  ...scriptTextRules,
  ...dumpRules,
  ...statementRules,
  ...credentialRules,
  ...gatewayRules,
  ...crossOriginRules,
  ...gatewayArgumentRules,
  ...securityRules,
  ...containerRules,
  ...podRules,
  ...workloadRules,
  ...podSettingRules,
  ...placeRules,
  ...probeRules,
  ...rollOutRules,
  ...autoscalingRules,
  ...taskRules,
  ...amountRules,
  ...storageRules,
  ...boundedVolumeRules,
  ...databaseAmountRules,
  ...databaseRules,
  ...quotaRules,
  ...capacityRules,
  ...connectionRules,
  ...roleRules,
  ...exposureRules,
  ...networkPolicyRules,
  ...policyPortRules,
  ...admissionPolicyRules,
  ...guardedPodRules,
  ...applicationRules,
  ...applicationSettingRules,
  ...projectRules,
  ...chartValueRules,
  ...chartPrivilegeRules,
  ...deliveryOrderRules,
  ...healthCheckRules,
  ...collectorRules,
  ...chartReferenceRules,
  ...imageSourceRules,
  ...imageNameRules,
  ...secretMaterialRules,
];
