import { judgeAccess } from './access.ts';
import type { Call } from './call.ts';
import { hasDynamicForwardProxy, routeRequest } from './connection-manager.ts';
import { checkTls } from './downstream-tls.ts';
import { chooseFilterChain } from './filter-chain.ts';
import { chooseListener } from './listener.ts';
import { inspect } from './listener-filters.ts';
import { networkRulesOf, terminalOf } from './network-filters.ts';
import type { CallOutcome, Detail } from './outcome.ts';
import type { ResourceIndex } from './resource-index.ts';
import type { Step } from './step.ts';
import { tcpDestination } from './tcp-proxy.ts';
import { findingOf, isDynamicForwardProxy, upstreamsOf } from './upstream.ts';

/**
 * Replays a call on the resources of a proxy as Envoy would (conformance/README.md section 2, "How the outcome is computed
 * from the resources"). Knows nothing of how the resources were made.
 */
export function walk(index: ResourceIndex, call: Call): CallOutcome {
  const chosen = chooseListener(index, call);
  const steps: Step[] = [chosen.step];
  if (chosen.listener === undefined) return { error: 'NoListener', steps };
  const at = { listener: chosen.listener.name };

  const { seen, steps: inspections } = inspect(chosen.listener, call);
  const choice = chooseFilterChain(chosen.listener, seen);
  steps.push(...inspections, ...choice.steps);
  if (choice.chain === undefined) return { error: choice.error ?? 'NoFilterChain', ...at, steps };
  const { chain } = choice;
  const on = { ...at, ...(chain.name !== '' && { filterChain: chain.name }) };

  const tls = checkTls(chain, call);
  steps.push(tls.step);
  if (tls.error !== undefined) return { error: tls.error, ...on, steps };

  const leave = judgeAccess(networkRulesOf(chain), call);
  steps.push(...leave.steps);
  if (!leave.allowed) return { error: 'AccessDenied', ...on, steps };

  const terminal = terminalOf(chain);
  switch (terminal.kind) {
    case 'none':
      return { error: null, ...on, detail: { action: 'none' }, steps };
    case 'tcp': {
      const { cluster, clusters, detail } = tcpDestination(terminal.proxy);
      steps.push({ at: 'tcpProxy', clusters, bySni: terminal.bySni });
      return {
        error: null,
        ...on,
        ...(cluster !== '' && { cluster }),
        detail: withUpstreams(detail, clusters, index, steps),
        steps,
      };
    }
    case 'http': {
      const opaque = call.tls !== 'plaintext' && !tls.step.terminates;
      // Measured: Envoy answers 400 to a path with a fragment before it looks for a route.
      const unreadable = opaque || call.protocol === 'tcp' || call.path.includes('#');
      if (unreadable) return { error: 'ProtocolError', ...on, steps };
      const { destination, steps: routing, ...part } = routeRequest(index, terminal.manager, call);
      steps.push(...routing);
      if (destination === undefined) return { ...on, ...part, steps };
      const { cluster, clusters } = destination;
      const described = withUpstreams(destination.detail, clusters, index, steps);
      const detail = described.upstreams?.some(isDynamicForwardProxy)
        ? { ...described, dynamicForwardProxyFilter: hasDynamicForwardProxy(terminal.manager) }
        : described;
      return { ...on, ...part, ...(cluster !== '' && { cluster }), detail, steps };
    }
  }
}

function withUpstreams(detail: Detail, clusters: readonly string[], index: ResourceIndex, steps: Step[]): Detail {
  if (clusters.length === 0) return detail;
  const upstreams = upstreamsOf(clusters, index);
  for (const { cluster, exists } of upstreams) {
    const found = findingOf(cluster, index);
    steps.push({ at: 'upstream', cluster, exists, ...(found !== undefined && { found }) });
  }
  return { ...detail, upstreams };
}
