import type { Text } from '../step.ts';
import { answeredBy, cleanUp, curl } from './parts.ts';

export const text001: Text = {
  id: '001',
  title: 'Gloo Mesh: declaring external services',
  steps: [
    {
      kind: 'apply',
      title: 'The Destination, as printed',
      namespace: 'gloo-mesh',
      files: ['texts/001/01-destination.yaml'],
      expect: { code: 0, issues: ['TLS_NOT_DECLARED'] },
      why: 'It stands for a ServiceEntry in istio-system, and what is said of that is said of the Destination.',
    },
    {
      kind: 'apply',
      title: 'The block that the text repeats, applied by mistake',
      namespace: 'gloo-mesh',
      files: ['texts/001/02-external-service-block.yaml'],
      expect: { code: 1, issues: ['DOCUMENT_INCOMPLETE', 'DOCUMENT_INCOMPLETE'] },
      why: 'It is a part of a resource, not one; nothing is written.',
    },
    {
      kind: 'apply',
      title: 'The ServiceEntry that Gloo makes of it, as the text shows it',
      namespace: 'istio-system',
      files: ['texts/001/03-generated-service-entry.yaml'],
      expect: { code: 0, issues: ['TLS_NOT_DECLARED'] },
      why: 'In istio-system it holds for all namespaces.',
    },
    {
      kind: 'call',
      title: 'curl foo.bar.global answers with solo.io',
      program: curl(['--resolve', 'foo.bar.global:80:248.6.56.91', 'http://foo.bar.global/']),
      expect: answeredBy('solo.io', { listener: '0.0.0.0_80', cluster: 'outbound|80||foo.bar.global' }),
      needsCapture: 'the virtual address 248.6.56.91 exists only where traffic is captured',
      why: 'The name leads to a virtual address (given to curl by hand: the proxy does not answer for it yet), the Host header to the entry, and the entry to its endpoint solo.io.',
    },
    cleanUp('istio-system', ['texts/001/03-generated-service-entry.yaml']),
    cleanUp('gloo-mesh', ['texts/001/01-destination.yaml']),
  ],
  notYetShown: ['the name foo.bar.global answered by the proxy: virtual addresses come with a later issue'],
};
