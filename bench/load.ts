/** The reference load: N ServiceEntries over 50 namespaces, with VirtualServices, DestinationRules and, as an option, Sidecars. */
export interface LoadOptions {
  readonly entries: number;
  readonly sidecars: boolean;
}

export interface LoadFile {
  readonly path: string;
  readonly text: string;
}

export const NAMESPACES = 50;
const CREATED = '2024-01-01T00:00:00Z';

export const namespaceOf = (k: number): string => `bench-${String(k % NAMESPACES).padStart(2, '0')}`;
const five = (i: number): string => String(i).padStart(5, '0');

/** One file for each namespace, entry i in namespace i mod 50. */
export function loadFiles({ entries, sidecars }: LoadOptions): LoadFile[] {
  const files: string[][] = Array.from({ length: NAMESPACES }, (_, k) => (sidecars ? [sidecar(k)] : []));
  for (let i = 0; i < entries; i++) {
    const j = Math.floor(i / NAMESPACES);
    const file = files[i % NAMESPACES]!;
    file.push(serviceEntry(i, staticAddresses(i)), virtualService(i, '5s'));
    if (j % 8 === 0 || j % 8 === 5) file.push(destinationRule(i));
  }
  return files.map((documents, k) => ({ path: `${namespaceOf(k)}.yaml`, text: documents.join('---\n') }));
}

export function staticAddresses(i: number, fourth = 3): string[] {
  return [0, 1, 2, fourth].map((e) => `10.${100 + e}.${Math.floor(i / 250) % 256}.${(i % 250) + 1}`);
}

function head(kind: string, name: string, i: number): string {
  return `apiVersion: networking.istio.io/v1\nkind: ${kind}\nmetadata:\n  name: ${name}\n  namespace: ${namespaceOf(i)}\n  creationTimestamp: "${CREATED}"\n`;
}

export function serviceEntry(
  i: number,
  addresses: readonly string[],
  name = `se-${five(i)}`,
  host = `h${five(i)}.ext.example.com`,
): string {
  const isDns = Math.floor(i / NAMESPACES) % 2 === 0;
  const endpoints = isDns ? [`a.h${five(i)}.backend.example.net`, `b.h${five(i)}.backend.example.net`] : addresses;
  return `${head('ServiceEntry', name, i)}spec:
  hosts: [${host}]
  location: MESH_EXTERNAL
  resolution: ${isDns ? 'DNS' : 'STATIC'}
  ports:
  - { number: 443, name: tls, protocol: TLS }
  - { number: 80, name: http, protocol: HTTP }
  endpoints:
${endpoints.map((address) => `  - address: ${address}\n`).join('')}`;
}

export function virtualService(i: number, timeout: string): string {
  const host = `h${five(i)}.ext.example.com`;
  return `${head('VirtualService', `vs-${five(i)}`, i)}spec:
  hosts: [${host}]
  http:
  - name: default
    timeout: ${timeout}
    retries: { attempts: 3, perTryTimeout: 1s, retryOn: "5xx,connect-failure" }
    route:
    - destination: { host: ${host}, port: { number: 80 } }
`;
}

function destinationRule(i: number): string {
  return `${head('DestinationRule', `dr-${five(i)}`, i)}spec:
  host: h${five(i)}.ext.example.com
  trafficPolicy:
    connectionPool:
      tcp: { maxConnections: 100, connectTimeout: 2s }
      http: { http1MaxPendingRequests: 50, maxRequestsPerConnection: 10 }
    outlierDetection: { consecutive5xxErrors: 5, interval: 10s, baseEjectionTime: 30s, maxEjectionPercent: 50 }
`;
}

function sidecar(k: number): string {
  return `${head('Sidecar', 'default', k)}spec:
  egress:
  - hosts: ["./*", "${namespaceOf(k + 1)}/*", "${namespaceOf(k + 7)}/*", "istio-system/*"]
`;
}
