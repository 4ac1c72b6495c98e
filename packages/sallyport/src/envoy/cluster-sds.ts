import { create } from '@bufbuild/protobuf';
import type { Duration } from '@bufbuild/protobuf/wkt';
import { ApiConfigSource_ApiType, ApiVersion, type ConfigSource, ConfigSourceSchema } from '@sallyport/apis/core';
import { type SdsSecretConfig, SdsSecretConfigSchema } from '@sallyport/apis/tls';
import { ROOTS_SUFFIX } from '../model/index.ts';
import { durationOf } from './encode.ts';

/** The cluster of the agent beside the proxy, in the proxy's bootstrap, that serves secrets. */
const SDS_CLUSTER = 'sds-grpc';

const fromAgent = (initialFetchTimeout?: Duration): ConfigSource =>
  create(ConfigSourceSchema, {
    configSourceSpecifier: {
      case: 'apiConfigSource',
      value: {
        apiType: ApiConfigSource_ApiType.GRPC,
        setNodeOnFirstMessageOnly: true,
        transportApiVersion: ApiVersion.V3,
        grpcServices: [{ targetSpecifier: { case: 'envoyGrpc', value: { clusterName: SDS_CLUSTER } } }],
      },
    },
    initialFetchTimeout,
    resourceApiVersion: ApiVersion.V3,
  });

const agent = fromAgent();
/** No limit: without the workload's own identity there is nothing to be said. */
const agentForever = fromAgent(durationOf('0s'));

const controlPlane = create(ConfigSourceSchema, {
  configSourceSpecifier: { case: 'ads', value: {} },
  resourceApiVersion: ApiVersion.V3,
});

const secret = (name: string, sdsConfig: ConfigSource): SdsSecretConfig => create(SdsSecretConfigSchema, { name, sdsConfig });

// Shape A of spec/istio.md 10.5: the workload's certificate and the mesh's roots.
export const WORKLOAD_CERTIFICATE = secret('default', agentForever);
export const MESH_ROOTS = secret('ROOTCA', agentForever);

// Shape B: files beside the proxy, named by path.
export const SYSTEM_ROOTS = secret('file-root:system', agent);
export const rootFile = (path: string): SdsSecretConfig => secret(`file-root:${path}`, agent);
export const certificateFiles = (certificate: string, key: string): SdsSecretConfig =>
  secret(`file-cert:${certificate}~${key}`, agent);

// Shape C: secrets that the control plane hands out.
export const credential = (name: string): SdsSecretConfig => secret(credentialUri(name), controlPlane);
export const credentialRoots = (name: string): SdsSecretConfig => secret(rootsUri(name), controlPlane);

/** What proxies ask for on behalf of a `credentialName`, and for the roots beside it. */
export const credentialUri = (name: string): string => (name.includes('://') ? name : `kubernetes://${name}`);
export const rootsUri = (name: string): string => `${credentialUri(name)}${ROOTS_SUFFIX}`;
