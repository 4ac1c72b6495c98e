import type { CallOutcome, Text } from '../step.ts';
import {
  answeredBy,
  BLOCKED,
  cleanUp,
  curl,
  MESH_FILES,
  mesh,
  NO_CONNECT,
  PASSED_BY,
  secureCurl,
  securelyAnsweredBy,
} from './parts.ts';

const SERVICE = 'calcbackendsvc.challengeistio';
const IN_NAMESPACE = 'the Pods of the Service have addresses that exist only inside the namespace';
const TO_HTTPBIN = ['--request', 'POST', '--header', 'accept: application/json', 'https://httpbin.org/post'];
const THROUGH_ENTRY: CallOutcome = securelyAnsweredBy('httpbin.org', {
  listener: '0.0.0.0_443',
  cluster: 'outbound|443||httpbin.org',
  sni: 'httpbin.org',
});

function subset(version: string) {
  return { listener: '0.0.0.0_80', cluster: `outbound|80|${version}|calcbackendsvc.challengeistio.svc.cluster.local` };
}

export const text002: Text = {
  id: '002',
  title: 'External service calls',
  steps: [
    {
      kind: 'apply',
      title: 'The application that the text takes for granted',
      namespace: 'challengeistio',
      files: ['texts/002/00-baseline.yaml', MESH_FILES.open],
      expect: { code: 0, issues: [] },
      why: 'A Service calcbackendsvc with Pods of version v1 and v2, and a mesh that is open, as Istio 1.1 is.',
    },
    {
      kind: 'apply',
      title: 'The VirtualService, as printed',
      namespace: 'challengeistio',
      files: ['texts/002/03-backend-virtual-service.yaml'],
      expect: { code: 0, issues: ['UNKNOWN_SUBSET', 'UNKNOWN_SUBSET'] },
      why: 'It speaks of subsets that nobody has defined yet: the text does so in its next block.',
    },
    {
      kind: 'apply',
      title: 'The DestinationRule, as printed',
      namespace: 'challengeistio',
      files: ['texts/002/04-calcbackend-rule.yaml'],
      expect: { code: 0, issues: [] },
      why: 'Now the subsets are there, and the findings gone.',
    },
    {
      kind: 'call',
      title: 'A call from a desk',
      program: curl([`http://${SERVICE}/add?a=1&b=2`]),
      expect: answeredBy('calcbackend-v1', subset('v1')),
      needsCapture: IN_NAMESPACE,
      why: 'No rule matches but the last: all to v1.',
    },
    {
      kind: 'call',
      title: 'A call from a telephone',
      program: curl(['--user-agent', 'Mozilla/5.0 (iPhone) Mobile/15E148', `http://${SERVICE}/add?a=1&b=2`]),
      expect: answeredBy('calcbackend-v2', subset('v2')),
      needsCapture: IN_NAMESPACE,
      why: 'The User-Agent matches .*Mobile.*, so it goes to v2.',
    },
    {
      kind: 'call',
      title: 'axios.post to httpbin.org while the mesh is open',
      program: secureCurl(...TO_HTTPBIN),
      expect: securelyAnsweredBy('httpbin.org', PASSED_BY),
      needsCapture: NO_CONNECT,
      why: 'All external calls succeed by default, as the note in the text says, and nobody sees them.',
    },
    mesh(
      'closed',
      'Replace ALLOW_ANY with REGISTRY_ONLY',
      'The text says to wait several seconds. Here the next call is made when the proxy has acknowledged the change.',
    ),
    {
      kind: 'call',
      title: 'The same POST fails',
      program: secureCurl(...TO_HTTPBIN),
      expect: BLOCKED,
      needsCapture: NO_CONNECT,
      why: '"Failed to call httpbin resource. Adjust egress rules!" Nothing declares httpbin.org.',
    },
    {
      kind: 'apply',
      title: 'The Deployment, as printed',
      namespace: 'challengeistio',
      files: ['texts/002/05-egress-deployment.yaml'],
      expect: { code: 0, issues: ['NOT_ACTED_ON'] },
      why: 'extensions/v1beta1 is gone from Kubernetes, and running Pods is for Kubernetes in any case.',
    },
    {
      kind: 'apply',
      title: 'What Kubernetes makes of it, and the rule with v4, as printed',
      namespace: 'challengeistio',
      files: [
        'texts/002/06-egress-pod.yaml',
        'texts/002/07-calcbackend-rule-v4.yaml',
        'texts/002/08-backend-virtual-service-50-50.yaml',
      ],
      expect: { code: 0, issues: [] },
      why: 'A Pod of version v4, a subset for it, and half of the calls.',
    },
    {
      kind: 'call',
      title: 'A hundred calls',
      program: curl([`http://${SERVICE}/add?n=[1-100]`], 100),
      expect: {
        status: 200,
        servers: { 'calcbackend-v1': [25, 75], 'jscalcbackend-egress-v4': [25, 75] },
        access: [subset('v1'), subset('v4')],
      },
      needsCapture: IN_NAMESPACE,
      why: 'weight 50 and 50: chance decides each call, so it is about half and half.',
    },
    {
      kind: 'apply',
      title: 'Add the ServiceEntry and its VirtualService, as printed',
      namespace: 'challengeistio',
      files: ['texts/002/09-httpbin-ext.yaml'],
      expect: { code: 0, issues: [] },
      why: 'sni_hosts is taken for sniHosts: the API accepts both spellings.',
    },
    {
      kind: 'call',
      title: 'The service calls are now working',
      program: secureCurl(...TO_HTTPBIN),
      expect: THROUGH_ENTRY,
      needsCapture: NO_CONNECT,
      why: 'The name in the handshake leads to the entry; the certificate is httpbin.org’s, and the application has checked it.',
    },
    {
      kind: 'delete',
      title: 'The text says that TLS needs a VirtualService; take it away',
      namespace: 'challengeistio',
      object: { kind: 'VirtualService', name: 'httpbin-ext' },
      expect: { code: 0, issues: [] },
      why: 'It was so in 2018. Today the entry alone is enough.',
    },
    {
      kind: 'call',
      title: 'It works without',
      program: secureCurl(...TO_HTTPBIN),
      expect: THROUGH_ENTRY,
      needsCapture: NO_CONNECT,
      why: 'The same listener and the same cluster as before.',
    },
    cleanUp('challengeistio', { kind: 'ServiceEntry', name: 'httpbin-ext' }),
    cleanUp('challengeistio', [
      'texts/002/00-baseline.yaml',
      'texts/002/06-egress-pod.yaml',
      'texts/002/07-calcbackend-rule-v4.yaml',
      'texts/002/08-backend-virtual-service-50-50.yaml',
      MESH_FILES.closed,
    ]),
  ],
  notYetShown: [],
};
