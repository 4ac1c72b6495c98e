import type { LoadFile } from './load.ts';

export interface GlooLoadOptions {
  readonly services: number;
  readonly workspaces: number;
}

const NAMESPACES_EACH = 2;
const CREATED = '2024-01-01T00:00:00Z';
const ADMIN = 'gloo-mesh';

const two = (k: number): string => String(k).padStart(2, '0');
const five = (i: number): string => String(i).padStart(5, '0');
const workspaceOf = (k: number): string => `team-${two(k)}`;
const namespacesOf = (k: number): readonly string[] =>
  Array.from({ length: NAMESPACES_EACH }, (_, n) => `${workspaceOf(k)}-${'ab'[n]}`);

/**
 * N ExternalServices over 50 workspaces of two namespaces each; every second one encrypts, every fourth one has an ExternalEndpoint. The
 * service that changes, and its endpoint, are in files of their own.
 */
export function glooFiles({ services, workspaces }: GlooLoadOptions): LoadFile[] {
  const teams = Array.from({ length: workspaces }, (_, k) => [
    workspace(k),
    settings(k),
    ...namespacesOf(k).map((name) => `apiVersion: v1\nkind: Namespace\nmetadata: {name: ${name}}\n`),
  ]);
  for (let i = 0; i < services; i++) {
    const team = teams[i % workspaces]!;
    if (i !== CHANGED) team.push(externalService(i, workspaces));
    if (i % 4 === 0 && i !== CHANGED) team.push(externalEndpoint(i, workspaces));
  }
  return [
    ...teams.map((documents, k) => ({ path: `${workspaceOf(k)}.yaml`, text: documents.join('---\n') })),
    changedService(workspaces),
    changedEndpoint(workspaces),
  ];
}

/** The ExternalService that changes: one with an endpoint and TLS. */
const CHANGED = 100;

export const changedService = (workspaces: number, port = 80): LoadFile => ({
  path: 'changed-service.yaml',
  text: externalService(CHANGED, workspaces, port),
});

export const changedEndpoint = (workspaces: number, last = 1): LoadFile => ({
  path: 'changed-endpoint.yaml',
  text: externalEndpoint(CHANGED, workspaces, last),
});

export const addedService = (services: number, workspaces: number): LoadFile => ({
  path: 'added-service.yaml',
  text: externalService(services, workspaces),
});

function head(apiVersion: string, kind: string, name: string, namespace: string, labels = ''): string {
  return `apiVersion: ${apiVersion}\nkind: ${kind}\nmetadata:\n  name: ${name}\n  namespace: ${namespace}\n  creationTimestamp: "${CREATED}"\n${labels}`;
}

function externalService(i: number, workspaces: number, port = 80): string {
  const [namespace] = namespacesOf(i % workspaces);
  const tls = i % 2 === 0 ? '\n    targetPort: {number: 443}\n    clientsideTls: {}' : '';
  const selector = i % 4 === 0 ? `\n  selector: {service: es-${five(i)}}` : '';
  const spec = `spec:\n  hosts: [svc-${five(i)}.ext.example.com]${selector}\n  ports:\n  - number: ${port}\n    name: http\n    protocol: HTTP${tls}\n`;
  return `${head('networking.gloo.solo.io/v2', 'ExternalService', `es-${five(i)}`, namespace!)}${spec}`;
}

function externalEndpoint(i: number, workspaces: number, last = 1): string {
  const [namespace] = namespacesOf(i % workspaces);
  const labels = `  labels: {service: es-${five(i)}}\n`;
  const spec = `spec:\n  address: 10.${Math.floor(i / 250)}.${i % 250}.${last}\n  ports:\n  - {name: http, number: 80}\n  - {name: tls, number: 443}\n`;
  return `${head('networking.gloo.solo.io/v2', 'ExternalEndpoint', `ee-${five(i)}`, namespace!, labels)}${spec}`;
}

function workspace(k: number): string {
  const places = namespacesOf(k)
    .map((name) => `{name: ${name}}`)
    .join(', ');
  return `${head('admin.gloo.solo.io/v2', 'Workspace', workspaceOf(k), ADMIN)}spec:\n  workloadClusters:\n  - name: "*"\n    namespaces: [${places}]\n`;
}

function settings(k: number): string {
  const [namespace] = namespacesOf(k);
  return `${head('admin.gloo.solo.io/v2', 'WorkspaceSettings', workspaceOf(k), namespace!)}spec:\n  options: {}\n`;
}
