// Documents as a user writes them, for the stories.

export const serviceEntry = (
  name: string,
  host: string,
  port = 80,
  protocol = 'HTTP',
): string => `apiVersion: networking.istio.io/v1
kind: ServiceEntry
metadata:
  name: ${name}
  namespace: shop
spec:
  hosts: [${host}]
  location: MESH_EXTERNAL
  resolution: DNS
  ports:
  - number: ${port}
    name: ${protocol.toLowerCase()}
    protocol: ${protocol}
`;

/** Requests to `host` go to the hosts in parts of a hundred. */
export const weights = (host: string, parts: Readonly<Record<string, number>>): string => `apiVersion: networking.istio.io/v1
kind: VirtualService
metadata:
  name: split
  namespace: shop
spec:
  hosts: [${host}]
  http:
  - route:
${Object.entries(parts)
  .map(([to, weight]) => `    - destination:\n        host: ${to}\n      weight: ${weight}\n`)
  .join('')}`;

export const meshConfig = (settings: readonly string[]): string => `apiVersion: v1
kind: ConfigMap
metadata:
  name: istio
  namespace: istio-system
data:
  mesh: |
${settings.map((line) => `    ${line}\n`).join('')}`;

export const outboundPolicy = (mode: 'REGISTRY_ONLY' | 'ALLOW_ANY'): string =>
  meshConfig(['outboundTrafficPolicy:', `  mode: ${mode}`]);
