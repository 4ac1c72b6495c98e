import type { MessageInitShape } from '@bufbuild/protobuf';
import type { HttpConnectionManager_TracingSchema } from '@sallyport/apis/http';
import type { CustomTagSchema } from '@sallyport/apis/tracing';
import type { TracingFacts } from './facts.ts';

type CustomTagInit = MessageInitShape<typeof CustomTagSchema>;

/** Percent of calls that start a trace of their own accord. */
const RANDOM_SAMPLING = 1;

const DRY_RUN: readonly (readonly [tag: string, key: string])[] = [
  ['istio.authorization.dry_run.allow_policy.name', 'istio_dry_run_allow_shadow_effective_policy_id'],
  ['istio.authorization.dry_run.allow_policy.result', 'istio_dry_run_allow_shadow_engine_result'],
  ['istio.authorization.dry_run.deny_policy.name', 'istio_dry_run_deny_shadow_effective_policy_id'],
  ['istio.authorization.dry_run.deny_policy.result', 'istio_dry_run_deny_shadow_engine_result'],
];

/** The tracing block of every connection manager: whole sampling of what the client traces, tags by name (spec/istio.md 10.1). */
export function tracing(facts: TracingFacts): MessageInitShape<typeof HttpConnectionManager_TracingSchema> {
  return {
    clientSampling: { value: 100 },
    randomSampling: { value: RANDOM_SAMPLING },
    overallSampling: { value: 100 },
    customTags: [
      ...DRY_RUN.map(([tag, key]) => ofPolicy(tag, key)),
      literal('istio.canonical_revision', facts.canonicalRevision),
      literal('istio.canonical_service', facts.canonicalService),
      literal('istio.cluster_id', facts.clusterId),
      literal('istio.mesh_id', facts.meshId),
      literal('istio.namespace', facts.namespace),
    ],
  };
}

function literal(tag: string, value: string): CustomTagInit {
  return { tag, type: { case: 'literal', value: { value } } };
}

function ofPolicy(tag: string, key: string): CustomTagInit {
  const metadataKey = { key: 'envoy.filters.http.rbac', path: [{ segment: { case: 'key', value: key } as const }] };
  return { tag, type: { case: 'metadata', value: { kind: { kind: { case: 'request', value: {} } }, metadataKey } } };
}
