import { glooPort, objectSelector } from './gloo-selectors.ts';
import { choice, flag, labels, list, message, text, uint32 } from './shape.ts';
import { clientMode } from './virtual-destination.ts';

/** admin.gloo.solo.io/v2 Workspace (spec/gloo.md 2.10). */
export const workspace = message({
  workloadClusters: list(
    message({
      name: text,
      selector: labels,
      namespaces: list(message({ name: text, labels, configEnabled: flag })),
      configEnabled: flag,
    }),
  ),
});

/** admin.gloo.solo.io/v2 KubernetesCluster; its labels are what a Workspace selects. */
export const kubernetesCluster = message({ clusterDomain: text, skipWarming: flag });

const sharedObjects = list(
  message({
    workspaces: list(message({ name: text, selector: labels })),
    resources: list(
      message({
        kind: choice(
          'ALL',
          'ROUTE_TABLE',
          'SERVICE',
          'VIRTUAL_DESTINATION',
          'EXTERNAL_SERVICE',
          'API_DOC',
          'GRAPHQL_RESOLVER_MAP',
          'GRAPHQL_SCHEMA',
          'GRAPHQL_STITCHED_SCHEMA',
          'EXTERNAL_WORKLOAD',
        ),
        labels,
        name: text,
        namespace: text,
        cluster: text,
      }),
    ),
  }),
);

/** admin.gloo.solo.io/v2 WorkspaceSettings (spec/gloo.md 2.10). */
export const workspaceSettings = message({
  importFrom: sharedObjects,
  exportTo: sharedObjects,
  options: message({
    serviceIsolation: message({
      enabled: flag,
      trimProxyConfig: flag,
      enforcementLayers: message({ cni: flag, mesh: flag }),
    }),
    federation: message({
      enabled: flag,
      hostSuffix: text,
      serviceSelector: list(objectSelector),
      ports: list(glooPort),
    }),
    eastWestGateways: list(
      message({
        selector: objectSelector,
        port: glooPort,
        tlsTerminationPort: glooPort,
        hostInfoOverrides: list(message({ addr: text, port: uint32 })),
      }),
    ),
    virtualDestClientMode: clientMode,
    trimAllProxyConfig: flag,
  }),
});
