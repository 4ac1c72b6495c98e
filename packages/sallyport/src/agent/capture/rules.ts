/** How the proxy's own packets are told apart from the application's. */
export type Exclusion =
  /** Of root's capture: Envoy runs as this user, and nobody else does. */
  | { readonly by: 'user'; readonly uid: number }
  /** Of capture without root: Envoy marks its packets; the application cannot, since it lacks the right to (exec.ts). */
  | { readonly by: 'mark'; readonly mark: number };

export interface RuleOptions {
  readonly exclude: Exclusion;
  /** Envoy's virtual outbound listener. */
  readonly outboundPort: number;
  /** The agent's resolver on 127.0.0.1 and ::1; without it port 53 is captured like any other, and UDP not at all. */
  readonly dnsPort?: number;
  readonly inbound?: {
    /** Envoy's virtual inbound listener. */
    readonly port: number;
    /** Ports of the agent and of Envoy themselves, and what else must stay reachable directly. */
    readonly except: readonly number[];
  };
}

const TABLE = 'inet sallyport';

/**
 * The rules for one network namespace, IPv4 and IPv6 (spec/envoy.md 3). Loading them twice gives the same as once, and loading is
 * atomic: there is never half of them. A connection to port 15001 itself would loop through the passthrough cluster; the guard against
 * it is the chain `virtualOutbound-blackhole` that the control plane puts into that listener (spec/istio.md 4.2).
 */
export function captureRules(options: RuleOptions): string {
  return [
    ...removal(),
    `table ${TABLE} {`,
    '  chain outbound {',
    '    type nat hook output priority -100; policy accept;',
    ...outbound(options).map((rule) => `    ${rule}`),
    '  }',
    ...(options.inbound === undefined ? [] : inbound(options.inbound)),
    '}',
    '',
  ].join('\n');
}

/** Takes the rules away, whether or not they are there. */
export function captureRemoval(): string {
  return `${removal().join('\n')}\n`;
}

/** Deleting what does not exist would fail the whole load. */
function removal(): string[] {
  return [`table ${TABLE} {}`, `delete table ${TABLE}`];
}

function outbound({ exclude, outboundPort, dnsPort, inbound: isInbound }: RuleOptions): string[] {
  const own = exclude.by === 'user' ? `meta skuid ${exclude.uid} return` : `meta mark ${exclude.mark} return`;
  return [
    own,
    // Envoy delivers inbound connections from this address (spec/istio.md 10.4), and its own bind options replace those that mark.
    ...(isInbound === undefined ? [] : ['oifname "lo" ip saddr 127.0.0.6 return', 'oifname "lo" ip6 saddr ::6 return']),
    // Before loopback is left alone: local resolvers such as 127.0.0.53 are where most machines ask.
    ...(dnsPort === undefined ? [] : [`udp dport 53 redirect to :${dnsPort}`, `tcp dport 53 redirect to :${dnsPort}`]),
    'ip daddr 127.0.0.0/8 return',
    'ip6 daddr ::1 return',
    `meta l4proto tcp redirect to :${outboundPort}`,
  ];
}

function inbound({ port, except }: { readonly port: number; readonly except: readonly number[] }): string[] {
  return [
    '  chain inbound {',
    '    type nat hook prerouting priority -100; policy accept;',
    '    iifname "lo" return',
    ...(except.length === 0 ? [] : [`    tcp dport { ${[...new Set(except)].sort((a, b) => a - b).join(', ')} } return`]),
    `    meta l4proto tcp redirect to :${port}`,
    '  }',
  ];
}
