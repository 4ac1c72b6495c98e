import {
  clientTlsPolicyRule,
  connectionPolicyRule,
  failoverPolicyRule,
  loadBalancerPolicyRule,
  outlierDetectionPolicyRule,
  trimProxyConfigPolicyRule,
} from '../rules/destination-policies.ts';
import { externalEndpointRule } from '../rules/external-endpoint.ts';
import { externalServiceRule } from '../rules/external-service.ts';
import { virtualDestinationRule } from '../rules/virtual-destination.ts';
import { workspaceRule, workspaceSettingsRule } from '../rules/workspace.ts';
import {
  clientTlsPolicy,
  connectionPolicy,
  failoverPolicy,
  loadBalancerPolicy,
  outlierDetectionPolicy,
  trimProxyConfigPolicy,
} from './destination-policies.ts';
import { externalEndpoint } from './external-endpoint.ts';
import { externalService } from './external-service.ts';
import { glooKind } from './gloo-kind.ts';
import type { KindRow } from './row.ts';
import { virtualDestination } from './virtual-destination.ts';
import { kubernetesCluster, workspace, workspaceSettings } from './workspace.ts';

const NETWORKING = 'networking.gloo.solo.io';
const ADMIN = 'admin.gloo.solo.io';
const RESILIENCE = 'resilience.policy.gloo.solo.io';
const TRAFFIC = 'trafficcontrol.policy.gloo.solo.io';
const SECURITY = 'security.policy.gloo.solo.io';

/** ExternalService, ExternalEndpoint, Workspaces, policies on destinations and VirtualDestination of Gloo Mesh v2 (spec/gloo.md 2). */
export const glooServiceKinds: readonly KindRow[] = [
  glooKind(NETWORKING, 'v2', 'ExternalService', 'externalservices', externalService, externalServiceRule, { shortNames: ['es'] }),
  glooKind(NETWORKING, 'v2', 'ExternalEndpoint', 'externalendpoints', externalEndpoint, externalEndpointRule, {
    shortNames: ['ep'],
  }),
  glooKind(NETWORKING, 'v2', 'VirtualDestination', 'virtualdestinations', virtualDestination, virtualDestinationRule),
  glooKind(ADMIN, 'v2', 'Workspace', 'workspaces', workspace, workspaceRule),
  glooKind(ADMIN, 'v2', 'WorkspaceSettings', 'workspacesettings', workspaceSettings, workspaceSettingsRule),
  glooKind(ADMIN, 'v2', 'KubernetesCluster', 'kubernetesclusters', kubernetesCluster),
  glooKind(RESILIENCE, 'v2', 'ConnectionPolicy', 'connectionpolicies', connectionPolicy, connectionPolicyRule),
  glooKind(
    RESILIENCE,
    'v2',
    'OutlierDetectionPolicy',
    'outlierdetectionpolicies',
    outlierDetectionPolicy,
    outlierDetectionPolicyRule,
  ),
  glooKind(RESILIENCE, 'v2', 'FailoverPolicy', 'failoverpolicies', failoverPolicy, failoverPolicyRule),
  glooKind(
    RESILIENCE,
    'v2',
    'TrimProxyConfigPolicy',
    'trimproxyconfigpolicies',
    trimProxyConfigPolicy,
    trimProxyConfigPolicyRule,
  ),
  glooKind(TRAFFIC, 'v2', 'LoadBalancerPolicy', 'loadbalancerpolicies', loadBalancerPolicy, loadBalancerPolicyRule),
  glooKind(SECURITY, 'v2', 'ClientTLSPolicy', 'clienttlspolicies', clientTlsPolicy, clientTlsPolicyRule),
];
