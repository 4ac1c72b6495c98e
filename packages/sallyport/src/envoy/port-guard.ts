import type { MessageInitShape } from '@bufbuild/protobuf';
import { type HttpFilterSchema, HttpRBACSchema, UpstreamCodecSchema } from '@sallyport/apis/http';
import { type PermissionSchema, RBAC_Action, UpstreamIpPortMatcherSchema } from '@sallyport/apis/rbac';
import { anyOf } from './encode.ts';

/** Name of the policy; it stands in the response code details of a refused call. */
const POLICY = 'sallyport-declared-port';

/**
 * Upstream filters that refuse a call with 403 once its endpoint is chosen, if that has none of these ports: a dynamic forward
 * proxy calls the port that stands in Host, declared or not (spec/security.md N18, spec/envoy.md 4).
 */
export function portGuard(ports: readonly number[]): MessageInitShape<typeof HttpFilterSchema>[] {
  const declared: MessageInitShape<typeof PermissionSchema>[] = ports.map((port) => ({
    rule: {
      case: 'matcher',
      value: {
        name: 'envoy.rbac.matchers.upstream_ip_port',
        typedConfig: anyOf(UpstreamIpPortMatcherSchema, { upstreamPortRange: { start: BigInt(port), end: BigInt(port + 1) } }),
      },
    },
  }));
  const other = { rule: { case: 'notRule', value: { rule: { case: 'orRules', value: { rules: declared } } } } } as const;
  const policy = { permissions: [other], principals: [{ identifier: { case: 'any', value: true } as const }] };
  return [
    filter(
      'envoy.filters.http.upstream_rbac',
      anyOf(HttpRBACSchema, { rules: { action: RBAC_Action.DENY, policies: { [POLICY]: policy } } }),
    ),
    filter('envoy.filters.http.upstream_codec', anyOf(UpstreamCodecSchema, {})),
  ];
}

function filter(name: string, typedConfig: ReturnType<typeof anyOf>): MessageInitShape<typeof HttpFilterSchema> {
  return { name, configType: { case: 'typedConfig', value: typedConfig } };
}
