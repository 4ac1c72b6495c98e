import { CA } from '../calls.ts';
import type { AccessExpectation, CallOutcome, NamedObject, Step } from '../step.ts';

/** One `curl`; `calls` when its URL asks for several transfers. */
export function curl(
  args: readonly string[],
  calls = 1,
): { readonly tool: 'curl'; readonly args: readonly string[]; readonly calls: number } {
  return { tool: 'curl', args, calls };
}

/** `curl` of an https:// URL by an application that trusts the stand-ins' authority. */
export function secureCurl(...args: readonly string[]): ReturnType<typeof curl> {
  return curl(['--cacert', CA, ...args]);
}

/** Answered once by this server. */
export function answeredBy(server: string, access: AccessExpectation): CallOutcome {
  return { status: 200, servers: { [server]: [1, 1] }, access: [access] };
}

/** TLS of the application's own, checked by it, answered by this server. */
export function securelyAnsweredBy(server: string, access: AccessExpectation): CallOutcome {
  return { ...answeredBy(server, access), peer: server };
}

/** Why https:// is not shown by a forward proxy. */
export const NO_CONNECT = 'a forward proxy is asked for https:// by CONNECT, for which no route is generated yet';

/** What goes where no entry leads, without a protocol that Envoy reads. */
export const PASSED_BY: AccessExpectation = { listener: 'virtualOutbound', cluster: 'PassthroughCluster' };
const DROPPED: AccessExpectation = { listener: 'virtualOutbound', cluster: 'BlackHoleCluster' };

/** The connection is closed before the TLS handshake; curl calls that 35 or, on other systems, 56. */
export const BLOCKED: CallOutcome = { exits: [35, 56], access: [DROPPED] };

export const MESH_FILES = { open: 'texts/002/01-mesh-allow-any.yaml', closed: 'texts/002/02-mesh-registry-only.yaml' } as const;

/** Switches what happens to calls that no entry covers, as text 002 says. */
export function mesh(mode: keyof typeof MESH_FILES, title: string, why: string): Step {
  return { kind: 'apply', title, namespace: 'istio-system', files: [MESH_FILES[mode]], expect: { code: 0, issues: [] }, why };
}

/** Takes away what a text has left, so that the next begins on a clean table. */
export function cleanUp(namespace: string, what: readonly string[] | NamedObject): Step {
  return {
    kind: 'delete',
    title: 'Taken away again',
    isTidying: true,
    namespace,
    ...('kind' in what ? { object: what } : { files: what }),
    expect: { code: 0, issues: [] },
    why: 'The next text begins on a clean table.',
  };
}
