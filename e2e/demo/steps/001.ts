import type { Text } from '../step.ts';
import { answeredBy, cleanUp, curl } from './parts.ts';

const VIRTUAL = '248.6.56.91';

export const text001: Text = {
  id: '001',
  title: 'Gloo Mesh: declaring external services',
  steps: [
    {
      kind: 'apply',
      title: 'The VirtualMesh that the text assumes',
      namespace: 'default',
      files: ['texts/001/04-virtual-mesh.yaml'],
      expect: { code: 0, issues: [] },
      why: 'Not printed; named as the annotation in the text says. Without one a Destination works as well.',
    },
    {
      kind: 'apply',
      title: 'The Destination, as printed',
      namespace: 'gloo-mesh',
      files: ['texts/001/01-destination.yaml'],
      expect: { code: 0, issues: ['TLS_NOT_DECLARED'] },
      why: 'It stands for a ServiceEntry in istio-system, and what is said of that is said of the Destination.',
    },
    {
      kind: 'translate',
      title: 'Which ServiceEntry? The one that the text shows',
      namespace: 'gloo-mesh',
      files: ['texts/001/01-destination.yaml', 'texts/001/04-virtual-mesh.yaml'],
      expect: { printed: 'texts/001/03-generated-service-entry.yaml' },
      why: 'The same labels, the same annotation, and the same virtual address: it is made of the names as Gloo makes it.',
    },
    {
      kind: 'lookup',
      title: 'foo.bar.global is a name',
      name: 'foo.bar.global',
      expect: { addresses: [VIRTUAL] },
      needsCapture: 'only a captured workload has a resolver of its own',
      why: 'No resolver in the world knows it; the proxy answers with the virtual address.',
    },
    {
      kind: 'call',
      title: 'curl foo.bar.global answers with solo.io',
      program: curl(['foo.bar.global']),
      expect: answeredBy('solo.io', { listener: '0.0.0.0_80', cluster: 'outbound|80||foo.bar.global' }),
      needsCapture: `the virtual address ${VIRTUAL} exists only where traffic is captured`,
      why: 'The name leads to the virtual address, the Host header to the entry, and the entry to its endpoint solo.io.',
    },
    {
      kind: 'apply',
      title: 'The block that the text repeats, applied by mistake',
      namespace: 'gloo-mesh',
      files: ['texts/001/02-external-service-block.yaml'],
      expect: { code: 1, issues: ['DOCUMENT_INCOMPLETE', 'DOCUMENT_INCOMPLETE'] },
      why: 'It is a part of a resource, not one; nothing is written.',
    },
    cleanUp('gloo-mesh', ['texts/001/01-destination.yaml']),
    cleanUp('default', ['texts/001/04-virtual-mesh.yaml']),
  ],
  notYetShown: [],
};
