import { gatewayText, type Issue } from '../model/index.ts';
import type { MergedPort } from './gateway-merge.ts';

/** Ports that a proxy without the right to bind them does not open; for a Service's port its target port counts (spec/istio.md 4.12). */
export function portReserved({ port, servers }: MergedPort): readonly Issue[] {
  return servers.map(({ gateway, index }) => ({
    code: 'PORT_RESERVED',
    severity: 'warning',
    message: `Gateway ${gatewayText(gateway)} opens port ${port}, which is below 1024 and may not be bound by the proxy, so it stays closed`,
    hint: 'let the Service of the gateway translate the port to one from 1024 up with targetPort',
    object: gateway,
    field: ['spec', 'servers', index, 'port', 'number'],
  }));
}
