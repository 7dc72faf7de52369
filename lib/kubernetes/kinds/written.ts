/**
 * The properties of a generated binding as they stand in a manifest. Every field may be missing, whatever the binding says:
 * what must be there is the schema rule's to say, and other rules see objects that it refuses.
 */
export type Written<Properties> = unknown extends Properties
  ? unknown
  : Properties extends string | Date
    ? string
    : Properties extends { readonly value: infer Value }
      ? [keyof Properties] extends ['value'] // A wrapper such as IntOrString or Quantity.
        ? Value
        : WrittenFields<Properties>
      : Properties extends readonly (infer Item)[]
        ? readonly Written<Item>[]
        : Properties extends object
          ? WrittenFields<Properties>
          : Properties;

export type WrittenFields<Properties> = string extends keyof Properties
  ? { readonly [Field in keyof Properties]: Written<Properties[Field]> }
  : { readonly [Field in keyof Properties as ManifestName<Field>]?: Written<Properties[Field]> };

type ManifestName<Field> = Field extends keyof ManifestNames ? ManifestNames[Field] : Field;

/**
 * Fields that bindings spell otherwise than manifests do: without this, code that reads `spec.clusterIp` would compile and
 * find nothing, ever. A test compares the rows with the bindings.
 */
export interface ManifestNames {
  readonly authSigninUrl: 'authSigninURL';
  readonly clientIp: 'clientIP';
  readonly clusterIp: 'clusterIP';
  readonly customBrowserXssValue: 'customBrowserXSSValue';
  readonly datasetUuid: 'datasetUUID';
  readonly diskUri: 'diskURI';
  readonly downwardApi: 'downwardAPI';
  readonly externalId: 'externalID';
  readonly forceStsHeader: 'forceSTSHeader';
  readonly hostIp: 'hostIP';
  readonly hostIpc: 'hostIPC';
  readonly hostPid: 'hostPID';
  readonly insecureSkipTlsVerify: 'insecureSkipTLSVerify';
  readonly keyId: 'keyID';
  readonly loadBalancerIp: 'loadBalancerIP';
  readonly nativeLb: 'nativeLB';
  readonly nodeId: 'nodeID';
  readonly nodePortLb: 'nodePortLB';
  readonly nonResourceUrLs: 'nonResourceURLs';
  readonly openApiv3Schema: 'openAPIV3Schema';
  readonly passTlsClientCert: 'passTLSClientCert';
  readonly pdId: 'pdID';
  readonly plainHttp: 'plainHTTP';
  readonly podCidr: 'podCIDR';
  readonly podCidRs: 'podCIDRs';
  readonly providerId: 'providerID';
  readonly repoCa: 'repoCA';
  readonly repoCaConfigMap: 'repoCAConfigMap';
  readonly repoUrl: 'repoURL';
  readonly scaleIo: 'scaleIO';
  readonly setHostnameAsFqdn: 'setHostnameAsFQDN';
  readonly storagePolicyId: 'storagePolicyID';
  readonly targetCpuUtilizationPercentage: 'targetCPUUtilizationPercentage';
  readonly targetWwNs: 'targetWWNs';
  readonly volumeId: 'volumeID';
}
