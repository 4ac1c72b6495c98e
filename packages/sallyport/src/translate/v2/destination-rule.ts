import type {
  ClientTls,
  ClientTlsPolicySpec,
  ConfigObject,
  DestinationRuleSpec,
  PolicyBlocks,
  Translated,
} from '../../model/index.ts';
import { copied, type Marked, madeFrom, took } from '../sourced.ts';
import type { Attachment, DESTINATION_POLICIES } from './attachment.ts';
import { clientsideTls, credentialSource, policyTls } from './client-tls.ts';
import { connectionBlocks } from './connection-policy.ts';
import type { Destination, DestinationPort } from './destination.ts';
import { localitySetting } from './failover-policy.ts';
import { balancerFields } from './load-balancer-policy.ts';
import { publishedLabels, sanitizedName } from './names.ts';
import { outlierBlocks } from './outlier-detection-policy.ts';
import type { Copy } from './service-entry.ts';

/**
 * The DestinationRule of one host of a destination in one namespace: TLS and all policies of a port in one item of
 * `portLevelSettings` (spec/gloo.md 2.4, 2.9). Nothing if no port has settings.
 */
export function ruleFor(
  destination: Destination,
  host: string,
  attachments: readonly Attachment[],
  copy: Copy,
): Translated | undefined {
  const items = destination.ports.flatMap((port) => {
    const blocks = blocksOf(destination, host, port, attachments);
    return Object.keys(blocks).length === 0 ? [] : [{ port: { number: port.number }, ...blocks }];
  });
  if (items.length === 0) return undefined;
  const { object } = destination;
  const credential = credentialOf(destination, attachments);
  return madeFrom<DestinationRuleSpec>(object, {
    kind: 'DestinationRule',
    name: ruleName(destination, host, copy),
    namespace: copy.namespace,
    labels: publishedLabels(object, copy),
    spec: {
      host: hostSource(destination, host),
      trafficPolicy: { portLevelSettings: items },
      ...(credential !== undefined && {
        workloadSelector: took<EveryWorkload>(credential.object, credential.field, { matchLabels: {} }),
      }),
      // Published rules of external services have no exportTo; they are found in their own namespace first.
      ...(copy.copies && destination.kind !== 'EXTERNAL_SERVICE' && { exportTo: ['.'] }),
    },
  });
}

type EveryWorkload = NonNullable<DestinationRuleSpec['workloadSelector']>;

/** Whether, and where, TLS of the destination names a secret; its rule is then needed in every namespace that calls it. */
export function credentialOf(destination: Destination, attachments: readonly Attachment[]): ReturnType<typeof credentialSource> {
  const policies = attachments.filter(({ policy, ports }) => policy.key.kind === 'ClientTLSPolicy' && ports.length > 0);
  return credentialSource(
    destination,
    policies.map(({ policy }) => policy as ConfigObject as ConfigObject<ClientTlsPolicySpec>),
  );
}

type PolicyKind = (typeof DESTINATION_POLICIES)[number];

function blocksOf(
  destination: Destination,
  host: string,
  port: DestinationPort,
  attachments: readonly Attachment[],
): Readonly<Record<string, Marked<unknown>>> {
  const held = (kind: PolicyKind): ConfigObject<never> | undefined =>
    attachments.find(({ policy, ports }) => policy.key.kind === kind && ports.includes(port.number))?.policy as
      | ConfigObject<never>
      | undefined;
  const connection = held('ConnectionPolicy');
  const outlier = held('OutlierDetectionPolicy');
  const failover = held('FailoverPolicy');
  const balancer = held('LoadBalancerPolicy');
  const loadBalancer = {
    ...(balancer !== undefined && balancerFields(balancer)),
    ...(failover !== undefined && { localityLbSetting: localitySetting(failover) }),
  };
  const tls = tlsOf(destination, host, port, held('ClientTLSPolicy'));
  return {
    ...(connection !== undefined && (connectionBlocks(connection) as PolicyBlocks)),
    ...(Object.keys(loadBalancer).length > 0 && { loadBalancer }),
    ...(outlier !== undefined && (outlierBlocks(outlier) as PolicyBlocks)),
    ...(tls !== undefined && { tls }),
  } as Readonly<Record<string, Marked<unknown>>>;
}

function tlsOf(
  { external, hosts, originated = [] }: Destination,
  host: string,
  port: DestinationPort,
  policy: ConfigObject<never> | undefined,
): Marked<ClientTls> | undefined {
  if (policy !== undefined) return policyTls(policy, hosts, external);
  const behind = originated.find((one) => one.port === port.number)?.tls;
  const source = external === undefined ? behind : { external, port: port.number, host };
  const found = source?.external.ports.find(({ number }) => number === source.port);
  return source === undefined || found === undefined ? undefined : clientsideTls(source.external, found, source.host);
}

function ruleName({ kind, object: { key }, hosts }: Destination, host: string, { copies, cluster, workspace }: Copy): string {
  if (kind === 'VIRTUAL_DESTINATION') return sanitizedName('vd', host, workspace);
  if (kind === 'SERVICE') return sanitizedName(host, workspace);
  if (copies) return sanitizedName('externalservice', key.name, key.namespace, cluster, host, workspace);
  return hosts.length === 1 ? key.name : sanitizedName(key.name, host);
}

function hostSource({ object, kind, hosts }: Destination, host: string): Marked<string> {
  const listed = (object.spec as { readonly hosts?: readonly string[] }).hosts ?? [];
  if (kind !== 'SERVICE' && listed.length > 0) return copied(object, ['spec', 'hosts', hosts.indexOf(host)], host);
  return took(object, kind === 'SERVICE' ? ['metadata', 'name'] : ['spec', 'addresses'], host);
}
