import { anyIs, anyUnpack } from '@bufbuild/protobuf/wkt';
import { DynamicForwardProxySchema, type HttpConnectionManager, type HttpRBAC, HttpRBACSchema } from '@sallyport/apis/http';
import { type RouteConfiguration, VirtualHost_TlsRequirementType as TlsRequirement } from '@sallyport/apis/route';
import { judgeAccess } from './access.ts';
import type { Call } from './call.ts';
import { once } from './once.ts';
import type { CallOutcome } from './outcome.ts';
import { received } from './received.ts';
import { requestOf } from './request.ts';
import type { ResourceIndex } from './resource-index.ts';
import { chooseRoute } from './route.ts';
import { type RouteDestination, routeDestination } from './route-action.ts';
import type { Step } from './step.ts';
import { chooseVirtualHost, virtualHostStep } from './virtual-host.ts';

type HttpPart = Pick<CallOutcome, 'error' | 'routeConfig' | 'virtualHost' | 'route' | 'steps'> & {
  readonly destination?: RouteDestination;
};

/** Routes a request (conformance/README.md section 2, steps 6 and 7). */
export function routeRequest(index: ResourceIndex, manager: HttpConnectionManager, call: Call): HttpPart {
  const { name, inline, config } = routeConfigOf(index, manager);
  const found = config === undefined ? 'missing' : inline ? 'inline' : 'fetched';
  const steps: Step[] = [{ at: 'routeConfig', name, found }];
  const at = name === '' || inline ? {} : { routeConfig: name };
  if (config === undefined) return { error: 'NoVirtualHost', ...at, steps };

  const asSeen = received(call, manager);
  const request = requestOf(asSeen);
  // Asked before the router acts, so that a caller who is denied never learns whether there is a route.
  const leave = judgeAccess(httpRulesOf(manager), asSeen, request);
  steps.push(...leave.steps);
  if (!leave.allowed) return { error: 'AccessDenied', ...at, steps };
  const choice = chooseVirtualHost(config, asSeen.host);
  const virtualHost = choice.found?.virtualHost;
  const wantsTls = virtualHost?.requireTls === TlsRequirement.ALL && call.tls === 'plaintext';
  steps.push(virtualHostStep(choice, wantsTls));
  if (virtualHost === undefined) return { error: 'NoVirtualHost', ...at, steps };
  const on = { ...at, virtualHost: virtualHost.name };
  if (wantsTls) return { error: 'TLSRedirect', ...on, steps };

  const { chosen, steps: tried } = chooseRoute(virtualHost, request);
  steps.push(...tried);
  if (chosen === undefined) return { error: 'NoRoute', ...on, steps };
  const destination = routeDestination(config, virtualHost, chosen, request);
  return { error: null, ...on, ...(chosen.route.name !== '' && { route: chosen.route.name }), destination, steps };
}

interface RouteSource {
  readonly name: string;
  readonly inline: boolean;
  readonly config?: RouteConfiguration;
}

/** Scoped routes are nothing that a mesh proxy gets; their configuration counts as missing. */
function routeConfigOf({ routes }: ResourceIndex, { routeSpecifier }: HttpConnectionManager): RouteSource {
  if (routeSpecifier.case === 'routeConfig')
    return { name: routeSpecifier.value.name, inline: true, config: routeSpecifier.value };
  const name = routeSpecifier.case === 'rds' ? routeSpecifier.value.routeConfigName : '';
  const config = routes.get(name);
  return config === undefined ? { name, inline: false } : { name, inline: false, config };
}

/** Who may call, asked in order before the request is sent on. */
const httpRulesOf = once(({ httpFilters }: HttpConnectionManager): readonly HttpRBAC[] =>
  httpFilters.flatMap(({ configType }) => {
    const rbac = configType.case === 'typedConfig' ? anyUnpack(configType.value, HttpRBACSchema) : undefined;
    return rbac === undefined ? [] : [rbac];
  }),
);

/** Whether the filter that a dynamic forward proxy cluster needs is among the HTTP filters. */
export const hasDynamicForwardProxy = once(({ httpFilters }: HttpConnectionManager) =>
  httpFilters.some(({ configType }) => configType.case === 'typedConfig' && anyIs(configType.value, DynamicForwardProxySchema)),
);
