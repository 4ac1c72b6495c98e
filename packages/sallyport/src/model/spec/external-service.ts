import type { GlooPort, GlooReference } from './gloo-selectors.ts';

export interface ClientsideTls {
  readonly sni?: string;
  /** Absent means SIMPLE. */
  readonly mode?: 'SIMPLE' | 'DISABLE' | 'MUTUAL' | 'ISTIO_MUTUAL';
  readonly clientCertificate?: string;
  readonly privateKey?: string;
  readonly caCertificates?: string;
  readonly credentialName?: string;
  readonly insecureSkipVerify?: boolean;
}

export interface EgressGatewayRoutes {
  /** Absent means 80. */
  readonly portMatch?: number;
  readonly virtualGatewayRefs?: readonly GlooReference[];
}

export interface ExternalServicePort {
  readonly number: number;
  readonly name?: string;
  readonly protocol?: string;
  readonly targetPort?: GlooPort;
  readonly clientsideTls?: ClientsideTls;
  readonly egressGatewayRoutes?: EgressGatewayRoutes;
}

/** networking.gloo.solo.io/v2 ExternalService (spec/gloo.md 2.2). */
export interface ExternalServiceSpec {
  readonly hosts?: readonly string[];
  readonly addresses?: readonly string[];
  readonly ports?: readonly ExternalServicePort[];
  readonly selector?: Readonly<Record<string, string>>;
  readonly subjectAltNames?: readonly string[];
}
