import type {
  DestinationReference,
  DestinationSelector,
  GlooReference,
  GlooSelector,
  GlooStringMatch,
  GlooWorkloadSelector,
} from './gloo-selectors.ts';

/** networking.gloo.solo.io/v2 RouteTable (spec/gloo.md 2.6). */
export interface RouteTableSpec {
  readonly hosts?: readonly string[];
  readonly virtualGateways?: readonly GlooReference[];
  readonly workloadSelectors?: readonly GlooWorkloadSelector[];
  readonly applyToDestinations?: readonly DestinationSelector[];
  readonly defaultDestination?: DestinationReference;
  readonly http?: readonly RouteTableHttp[];
  readonly tcp?: readonly RouteTableTcp[];
  readonly tls?: readonly RouteTableTls[];
  readonly weight?: number;
  readonly portalMetadata?: unknown;
  readonly virtualServiceAnnotations?: Readonly<Record<string, string>>;
  readonly failureMode?: 'ROUTE_REPLACEMENT' | 'FREEZE_CONFIG';
}

export interface RouteTableHttp {
  readonly name?: string;
  readonly labels?: Readonly<Record<string, string>>;
  readonly matchers?: readonly RouteMatcher[];
  readonly forwardTo?: ForwardTo;
  readonly delegate?: RouteDelegate;
  readonly redirect?: RouteRedirect;
  readonly directResponse?: { readonly status?: number; readonly body?: string };
  readonly graphql?: unknown;
}

export interface RouteMatcher {
  readonly name?: string;
  readonly uri?: GlooStringMatch;
  readonly headers?: readonly {
    readonly name?: string;
    readonly value?: string;
    readonly regex?: boolean;
    readonly invertMatch?: boolean;
  }[];
  readonly queryParameters?: readonly { readonly name?: string; readonly value?: string; readonly regex?: boolean }[];
  readonly method?: string;
  readonly port?: number;
}

export interface ForwardTo {
  readonly destinations?: readonly DestinationReference[];
  readonly pathRewrite?: string;
  readonly regexRewrite?: { readonly pattern?: { readonly regex?: string }; readonly substitution?: string };
  readonly hostRewrite?: string;
  readonly autoHostRewrite?: boolean;
}

export type RedirectCode = 'MOVED_PERMANENTLY' | 'FOUND' | 'SEE_OTHER' | 'TEMPORARY_REDIRECT' | 'PERMANENT_REDIRECT';

export interface RouteRedirect {
  readonly hostRedirect?: string;
  readonly pathRedirect?: string;
  readonly responseCode?: RedirectCode;
}

export interface RouteDelegate {
  readonly routeTables?: readonly GlooSelector[];
  readonly allowedRoutes?: readonly unknown[];
  readonly sortMethod?: 'TABLE_WEIGHT' | 'ROUTE_SPECIFICITY';
}

export interface RouteTableTcp {
  readonly matchers?: readonly { readonly port?: number }[];
  readonly forwardTo?: ForwardTo;
}

export interface RouteTableTls {
  readonly matchers?: readonly { readonly sniHosts?: readonly string[]; readonly port?: number }[];
  readonly forwardTo?: Pick<ForwardTo, 'destinations'>;
}
