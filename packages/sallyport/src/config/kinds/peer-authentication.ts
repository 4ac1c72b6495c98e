import { choice, labels, map, message } from './shape.ts';

const mutualTls = message({ mode: choice('UNSET', 'DISABLE', 'PERMISSIVE', 'STRICT') });

/** security.istio.io PeerAuthentication (spec/istio.md 11). */
export const peerAuthentication = message({
  selector: message({ matchLabels: labels }),
  mtls: mutualTls,
  portLevelMtls: map(mutualTls),
});
