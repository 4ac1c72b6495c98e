import type { Issue } from '../../model/index.ts';
import type { Part } from './part.ts';

/**
 * A host that only a VirtualService names: Istio routes it on port 80 alone, and only where some other service has that port, so
 * that objects about other hosts decide whether the routes are in force (spec/istio.md 4.3 item 1). Row key and issue.
 */
export function undeclaredIssue({ spec, undeclared }: Part): readonly [string, Issue] | undefined {
  if (spec?.routing === undefined || undeclared === undefined) return undefined;
  const [kind = '', namespace = '', name = ''] = spec.routing.split('/');
  const { host, port } = spec;
  const what =
    undeclared === 'everywhere'
      ? `no service that proxies see is called ${host}`
      : `${host} has no port ${port} that proxies see`;
  const message = `${what}: on port ${port} its routes are in force only while another service has that port`;
  return [
    `${spec.routing} ${host} ${port} ${undeclared}`,
    {
      code: 'UNKNOWN_HOST',
      severity: undeclared === 'everywhere' ? 'warning' : 'info',
      message,
      hint: `declare ${host} with a ServiceEntry that has port ${port}`,
      object: { kind, namespace, name },
      field: ['spec', 'hosts'],
    },
  ];
}
