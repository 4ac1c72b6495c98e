import { createConfiguration } from 'sallyport/pipeline/configuration.ts';
import { type GeneratedResources, generate } from 'sallyport/pipeline/generate.ts';
import { createPipeline } from 'sallyport/pipeline/index.ts';
import { proxyOfJson } from 'sallyport/pipeline/proxies.ts';

/** What simulation, scenarios and dumps say about a configuration (conformance README, section 1). */
export interface ConfigVector {
  readonly config: string;
  readonly mesh?: Readonly<Record<string, unknown>> | undefined;
  readonly vip?: 'legacy' | undefined;
  readonly features?: Readonly<Record<string, string>> | undefined;
}

export type ProxyJson = Readonly<Record<string, unknown>>;

/** A configuration in force in the real pipeline, from text on. */
export interface PipelineRun {
  generate(proxy: ProxyJson): GeneratedResources;
  /** What the pipeline refuses of the configuration, or failed at: the measured one has nothing to refuse. */
  readonly errors: readonly string[];
}

export function openRun({ config, mesh = {}, vip, features = {} }: ConfigVector): PipelineRun {
  const settings = {
    clusterDomain: 'cluster.local',
    clusterId: 'Kubernetes',
    rootNamespace: 'istio-system',
    vip: vip ?? 'status',
  } as const;
  const pipeline = createPipeline(settings, withFeatures(mesh, features));
  const configuration = createConfiguration(pipeline);
  configuration.receive({
    source: 'vectors',
    put: [{ path: 'config.yaml', text: config }],
    remove: [],
    synced: true,
    issues: [],
  });
  return {
    generate(json) {
      const { value, issues } = proxyOfJson(vip === 'legacy' ? capturingDns(json) : json);
      if (value === undefined) throw new Error(`the proxy of a vector is refused: ${JSON.stringify(issues)}`);
      return generate(pipeline, value);
    },
    get errors() {
      return configuration
        .issues()
        .filter((issue) => issue.severity === 'error')
        .map((issue) => `${issue.code} ${issue.message}`);
    },
  };
}

/** Our mesh options for the environment flags of istiod that the vectors use (design.md section 4). */
const OPTIONS: Readonly<Record<string, string>> = {
  ISTIO_DUAL_STACK: 'dualStack',
  ENABLE_TLS_ON_SIDECAR_INGRESS: 'tlsOnSidecarIngress',
};

function withFeatures(
  mesh: Readonly<Record<string, unknown>>,
  features: Readonly<Record<string, string>>,
): Readonly<Record<string, unknown>> {
  const options = Object.entries(features).map(([flag, value]) => {
    const option = OPTIONS[flag];
    if (option === undefined) throw new Error(`no mesh option of ours stands for the flag ${flag} of a vector`);
    return [option, value === 'true'] as const;
  });
  return options.length === 0 ? mesh : { ...mesh, sallyport: Object.fromEntries(options) };
}

/** The allocator inside istiod gives addresses only to proxies that capture DNS (conformance README, section 1, `vip`). */
function capturingDns(proxy: ProxyJson): ProxyJson {
  const metadata = (proxy['metadata'] ?? {}) as ProxyJson;
  return { ...proxy, metadata: { ...metadata, DNS_CAPTURE: 'true', DNS_AUTO_ALLOCATE: 'true' } };
}
