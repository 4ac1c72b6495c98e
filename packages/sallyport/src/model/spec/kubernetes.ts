/** The parts of Kubernetes objects that are read (spec/istio.md 12). */
export interface KubernetesServiceSpec {
  readonly type?: string;
  readonly clusterIP?: string;
  readonly clusterIPs?: readonly string[];
  readonly externalName?: string;
  readonly selector?: Readonly<Record<string, string>>;
  readonly ports?: readonly {
    readonly name?: string;
    readonly port: number;
    readonly protocol?: string;
    readonly appProtocol?: string;
    readonly targetPort?: number | string;
  }[];
  readonly publishNotReadyAddresses?: boolean;
  readonly internalTrafficPolicy?: string;
  readonly trafficDistribution?: string;
}

export interface PodSpec {
  readonly serviceAccountName?: string;
  readonly subdomain?: string;
  readonly hostname?: string;
  readonly nodeName?: string;
  readonly containers?: readonly {
    readonly ports?: readonly { readonly name?: string; readonly containerPort: number; readonly protocol?: string }[];
  }[];
}

export interface PodStatus {
  readonly phase?: string;
  readonly podIP?: string;
  readonly podIPs?: readonly { readonly ip?: string }[];
  readonly conditions?: readonly { readonly type?: string; readonly status?: string }[];
}

/** EndpointSlice has no `spec`: its fields stand beside `metadata`, and here under `spec`. */
export interface EndpointSliceSpec {
  readonly addressType?: string;
  readonly endpoints?: readonly {
    readonly addresses?: readonly string[];
    readonly conditions?: { readonly ready?: boolean; readonly serving?: boolean; readonly terminating?: boolean };
    readonly targetRef?: { readonly kind?: string; readonly name?: string; readonly namespace?: string };
    readonly nodeName?: string;
    readonly zone?: string;
    readonly hostname?: string;
  }[];
  readonly ports?: readonly {
    readonly name?: string;
    readonly port?: number;
    readonly protocol?: string;
    readonly appProtocol?: string;
  }[];
}

/** Secret likewise: `data` in base64 and `stringData` under `spec`. What is in it goes to proxies and nowhere else. */
export interface SecretSpec {
  readonly type?: string;
  readonly data?: Readonly<Record<string, string>>;
  readonly stringData?: Readonly<Record<string, string>>;
}

/** ConfigMap likewise: `data` under `spec`. */
export interface ConfigMapSpec {
  readonly data?: Readonly<Record<string, string>>;
}
