import type { Issue, Outcome } from '../model/index.ts';
import { createConfiguration } from './configuration.ts';
import { type GeneratedResources, generate } from './generate.ts';
import { createPipeline } from './index.ts';
import { type ProxyJson, proxyArgument } from './proxies.ts';

/** What the files of conformance/scenarios, simulation and dumps say about a configuration (conformance README, section 1). */
export interface ConfigVector {
  /** Documents as a user writes them. */
  readonly config: string;
  readonly mesh?: Readonly<Record<string, unknown>> | undefined;
  readonly vip?: 'legacy' | undefined;
  /** Environment flags of istiod that differ from the default. */
  readonly features?: Readonly<Record<string, string>> | undefined;
}

/** A configuration in force in the real pipeline, from text on. */
export interface OpenVector {
  /** What a proxy would be sent. Errors among the issues mean that `--proxy` would refuse it. */
  generate(proxy: ProxyJson): Outcome<GeneratedResources>;
  /** What the pipeline refuses of the configuration, or failed at. */
  readonly errors: readonly Issue[];
}

/** Puts a configuration in force. `path` is where its issues are said to be. Flags must be of {@link FEATURES}. */
export function openVector({ config, mesh = {}, vip, features = {} }: ConfigVector, path = 'config.yaml'): OpenVector {
  const settings = {
    clusterDomain: 'cluster.local',
    clusterId: 'Kubernetes',
    rootNamespace: 'istio-system',
    vip: vip ?? 'status',
  } as const;
  const pipeline = createPipeline(settings, withFeatures(mesh, features));
  const configuration = createConfiguration(pipeline);
  configuration.receive({ source: 'vectors', put: [{ path, text: config }], remove: [], synced: true, issues: [] });
  return {
    generate(json) {
      const { value, issues } = proxyArgument(json, settings.vip);
      return value === undefined ? { issues } : { value: generate(pipeline, value, { names: true }), issues };
    },
    get errors() {
      return configuration.issues().filter((issue) => issue.severity === 'error');
    },
  };
}

/** Our mesh options for those environment flags of istiod that there is an option for (design.md section 4). */
export const FEATURES: Readonly<Record<string, string>> = {
  ISTIO_DUAL_STACK: 'dualStack',
  ENABLE_TLS_ON_SIDECAR_INGRESS: 'tlsOnSidecarIngress',
};

function withFeatures(
  mesh: Readonly<Record<string, unknown>>,
  features: Readonly<Record<string, string>>,
): Readonly<Record<string, unknown>> {
  const options = Object.entries(features).map(([flag, value]) => {
    const option = FEATURES[flag];
    if (option === undefined) throw new Error(`no mesh option of ours stands for the flag ${flag}`);
    return [option, value === 'true'] as const;
  });
  if (options.length === 0) return mesh;
  return { ...mesh, sallyport: { ...(mesh['sallyport'] as object | undefined), ...Object.fromEntries(options) } };
}
