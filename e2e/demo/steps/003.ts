import type { Text } from '../step.ts';
import { cleanUp, curl, NO_CONNECT, PASSED_BY, secureCurl, securelyAnsweredBy } from './parts.ts';

const VMS_ARE_INSIDE = 'the addresses 1.0.0.0 and 2.0.0.0 of the VMs exist only inside the namespace';
const CUSTOMERS = { listener: '0.0.0.0_80', cluster: 'outbound|80||customers.com' };

export const text003: Text = {
  id: '003',
  title: 'ServiceEntry and WorkloadEntry',
  steps: [
    {
      kind: 'apply',
      title: 'An external API over HTTPS, as printed',
      namespace: 'sample-app',
      files: ['texts/003/01-external-svc.yaml'],
      expect: { code: 0, issues: [] },
      why: 'Port 443 with protocol TLS: the application encrypts, Envoy reads the name only.',
    },
    {
      kind: 'call',
      title: 'Call it',
      program: secureCurl('https://api.external-svc.com/'),
      expect: securelyAnsweredBy('api.external-svc.com', {
        listener: '0.0.0.0_443',
        cluster: 'outbound|443||api.external-svc.com',
        sni: 'api.external-svc.com',
      }),
      needsCapture: NO_CONNECT,
      why: 'No Host header can be read inside TLS, so the next in the order of the text decides: SNI.',
    },
    {
      kind: 'delete',
      title: 'exportTo: take it away here …',
      namespace: 'sample-app',
      files: ['texts/003/01-external-svc.yaml'],
      expect: { code: 0, issues: [] },
      why: 'By default it was exported to all namespaces.',
    },
    {
      kind: 'apply',
      title: '… and declare it in namespace foo for foo alone',
      namespace: 'foo',
      files: ['texts/003/06-external-svc-private.yaml'],
      expect: { code: 0, issues: [] },
      why: 'exportTo: ["."] restricts it to its own namespace.',
    },
    {
      kind: 'call',
      title: 'The workload in sample-app does not see it',
      program: secureCurl('https://api.external-svc.com/'),
      expect: securelyAnsweredBy('api.external-svc.com', PASSED_BY),
      needsCapture: NO_CONNECT,
      why: 'The call passes because the mesh is open, but by no entry.',
    },
    {
      kind: 'apply',
      title: 'Two VMs, as printed',
      namespace: 'sample-app',
      files: ['texts/003/02-customers-vms.yaml'],
      expect: { code: 1, issues: ['DOCUMENT_RUN_TOGETHER'] },
      why: 'Two documents without a --- between them, the second indented by one: the message says where and what to write. Nothing is written.',
    },
    {
      kind: 'apply',
      title: 'Mend it, as the message said',
      namespace: 'sample-app',
      files: ['texts/003/03-mended-customers-vms.yaml'],
      expect: { code: 0, issues: [] },
      why: 'Two WorkloadEntries.',
    },
    {
      kind: 'apply',
      title: 'The ServiceEntry that spans them, as printed',
      namespace: 'sample-app',
      files: ['texts/003/04-customers-svc.yaml'],
      expect: { code: 0, issues: [] },
      why: 'workloadSelector app: customers takes both VMs.',
    },
    {
      kind: 'lookup',
      title: 'customers.com is a name',
      name: 'customers.com',
      expect: { addresses: ['243.0.145.24', 'fd73:616c:6c79::d094:e5f7'] },
      needsCapture: 'only a captured workload has a resolver of its own',
      why: 'The host was given addresses of its own, which stay with it whatever else comes and goes; the proxy answers with them.',
    },
    {
      kind: 'call',
      title: 'Twelve calls to customers.com',
      program: curl(['http://customers.com/orders/[1-12]'], 12),
      expect: {
        status: 200,
        servers: { 'customers-vm-1': [1, 11], 'customers-vm-2': [1, 11] },
        addresses: ['1.0.0.0', '2.0.0.0'],
        access: [CUSTOMERS],
      },
      needsCapture: VMS_ARE_INSIDE,
      why: 'Both VMs answer. In the clear: enableAutoMtls is false in this laboratory.',
    },
    {
      kind: 'apply',
      title: 'A Kubernetes Pod with the same label',
      namespace: 'sample-app',
      files: ['texts/003/05-customers-pod.yaml'],
      expect: { code: 0, issues: [] },
      why: 'The same selector takes Pods as well.',
    },
    {
      kind: 'call',
      title: 'Twenty-four calls to customers.com',
      program: curl(['http://customers.com/orders/[1-24]'], 24),
      expect: {
        status: 200,
        servers: { 'customers-vm-1': [1, 22], 'customers-vm-2': [1, 22], 'customers-pod': [1, 22] },
        addresses: ['1.0.0.0', '2.0.0.0', '10.244.0.31'],
        access: [CUSTOMERS],
      },
      needsCapture: VMS_ARE_INSIDE,
      why: 'One service out of two VMs and a Pod.',
    },
    cleanUp('foo', ['texts/003/06-external-svc-private.yaml']),
    cleanUp('sample-app', [
      'texts/003/03-mended-customers-vms.yaml',
      'texts/003/04-customers-svc.yaml',
      'texts/003/05-customers-pod.yaml',
    ]),
  ],
  notYetShown: ['mutual TLS to the VMs, which MESH_INTERNAL asks for by default: it comes with a later issue'],
};
