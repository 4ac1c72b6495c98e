import type { Text } from '../step.ts';
import { cleanUp, curl, MESH_FILES, mesh } from './parts.ts';

const DATABASES = ['198.51.100.11', '198.51.100.12', '198.51.100.13'];

export const text004: Text = {
  id: '004',
  title: 'Gloo: route to external services',
  steps: [
    {
      kind: 'apply',
      title: 'The RouteTable, as printed: on one line',
      namespace: 'global',
      files: ['texts/004/01-route-table-on-one-line.yaml'],
      expect: { code: 1, issues: ['YAML_SYNTAX'] },
      why: 'The page lost its line breaks, and YAML does not work without them.',
    },
    {
      kind: 'apply',
      title: 'The RouteTable with its lines',
      namespace: 'global',
      files: ['texts/004/02-route-table.yaml'],
      expect: { code: 0, issues: ['NOT_ACTED_ON'] },
      why: 'Kept, and said to be without effect: Gloo resources are not translated yet.',
    },
    mesh('closed', 'Close the mesh', '"Communication to services outside the mesh is prohibited."'),
    {
      kind: 'call',
      title: 'curl 123.221.3.0:80/db, as the text tests it',
      program: curl(['123.221.3.0:80/db']),
      expect: { exits: [52, 56], access: [{ listener: 'virtualOutbound', cluster: 'BlackHoleCluster' }] },
      inProxyMode: { status: 502, exits: [0], access: [{ route: 'block_all', cluster: null }] },
      why: 'No entry declares this address or its port, so the connection leads nowhere and is closed.',
    },
    {
      kind: 'lookup',
      title: 'nslookup my-remote-db.com/db, as the text tests it',
      name: 'my-remote-db.com/db',
      expect: { addresses: [] },
      needsCapture: 'only a captured workload has a resolver of its own',
      why: 'A name has no path: no resolver in the world knows this one.',
    },
    {
      kind: 'lookup',
      title: 'Without the path',
      name: 'my-remote-db.com',
      expect: { addresses: DATABASES },
      needsCapture: 'only a captured workload has a resolver of its own',
      why: 'The database on premises has three addresses.',
    },
    {
      kind: 'apply',
      title: 'What Gloo would make, written by hand',
      namespace: 'global',
      files: ['texts/004/03-by-hand.yaml'],
      expect: { code: 0, issues: ['NO_ADDRESS'] },
      why: 'One entry by address, one by name. Without an address of its own the second takes every connection to its port, which is said.',
    },
    {
      kind: 'call',
      title: 'The address is reached',
      program: curl(['123.221.3.0:80/db']),
      expect: { status: 200, servers: { '123.221.3.0': [1, 1] }, access: [{ cluster: 'outbound|80||db-by-address.global' }] },
      needsCapture: 'a forward proxy knows hosts, not addresses',
      why: 'Declared by address, so the destination of the connection decides.',
    },
    {
      kind: 'call',
      title: 'The database is reached',
      program: { tool: 'tcp', host: 'my-remote-db.com', port: 5432, calls: 12 },
      expect: {
        servers: { 'my-remote-db.com': [12, 12] },
        addresses: DATABASES,
        access: [{ listener: '0.0.0.0_5432', cluster: 'outbound|5432||my-remote-db.com' }],
      },
      needsCapture: 'programs that do not speak HTTP do not use a forward proxy',
      why: 'Envoy spreads the connections over the three addresses.',
    },
    cleanUp('global', ['texts/004/02-route-table.yaml', 'texts/004/03-by-hand.yaml', MESH_FILES.closed]),
  ],
  notYetShown: ['ExternalService, ExternalEndpoint and RouteTable: Gloo resources are not translated yet'],
};
