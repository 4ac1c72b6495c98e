import { certificateSecret, rootsSecret } from '@sallyport/apis/secret';
import { SecretSchema } from '@sallyport/apis/tls';
import { type Collection, type Graph, type Read, structural } from '../collection/index.ts';
import { type Credential, type Issue, linkKey, type OpenPort, type Resource, type ResourceLink } from '../model/index.ts';
import { resource } from './encode.ts';
import { secretIssue } from './secrets/issue.ts';
import { namesCredential, placesOf, type Wanted, wantedByRule, wantedByServer } from './secrets/wanted.ts';
import type { EnvoyInputs, ResourceTable } from './types.ts';
import { ruledTls } from './upstream-tls.ts';

export interface SecretInputs extends EnvoyInputs {
  readonly openPorts: Collection<OpenPort>;
  readonly credentials: Collection<Credential>;
}

/**
 * The secrets that `credentialName` asks for, as SDS resources (spec/istio.md 10.5, shape C). A class is linked to those that its own
 * listeners and clusters name and that stand in its namespace, and to no other, so that a proxy cannot get at what it is not
 * configured with by asking for it.
 */
export function buildSecrets(
  graph: Graph,
  inputs: SecretInputs,
): { readonly secrets: ResourceTable; readonly issues: readonly Collection<Issue>[] } {
  const { openPorts, classes, rules, scoped, credentials } = inputs;
  const byServers = graph.derive(
    'secrets of servers',
    openPorts,
    ({ class: of, servers }, _, read) => {
      const proxies = read.get(classes, of);
      if (proxies === undefined) return [];
      const viewer = { class: of, namespace: proxies.namespace };
      return servers.flatMap((server) => [...wantedByServer(server, viewer)].map(keyed));
    },
    structural,
  );
  const scopedByRule = graph.index('scoped hosts by rule', scoped, ({ rule }) => (rule === undefined ? [] : [rule]));
  const byRules = graph.derive(
    'secrets of rules',
    rules,
    (rule, key, read) => {
      if (!namesCredential(rule)) return [];
      const users = new Set([...read.lookup(scopedByRule, key)].map((row) => read.get(scoped, row)!.class));
      return [...users].sort().flatMap((of) => {
        const proxies = read.get(classes, of);
        if (proxies === undefined) return [];
        const { facet, namespace } = proxies;
        const surroundings = { facet, external: true, selected: rule.selector !== undefined };
        // Sidecars without a selector get no TLS at all here, and are told so elsewhere.
        const isUsed = ruledTls({ mode: 'SIMPLE', credentialName: 'any' }, surroundings).kind === 'own';
        return [...wantedByRule(rule, { class: of, namespace })]
          .filter(({ written }) => isUsed || written.startsWith('configmap://'))
          .map(keyed);
      });
    },
    structural,
  );
  const wanted = graph.union('wanted secrets', byServers, byRules);

  const distinct = graph.distinct('distinct secrets', wanted, ({ namespace, name, part, written }) => [
    [targetOf({ namespace, name, part }), { namespace, name, part, written }] as const,
  ]);
  const resources = graph.derive(
    'secrets',
    distinct,
    (one, key, read) => {
      const found = credentialFor(one, read, credentials);
      const made = found && secretOf(one, found);
      return made === undefined ? [] : [[key, made]];
    },
    (a, b) => a.version === b.version,
  );
  const links = graph.distinct('secret links', wanted, ({ class: of, namespace, name, part }) => {
    const link: ResourceLink = { class: of, type: 'secret', name, target: targetOf({ namespace, name, part }) };
    return [[linkKey(link), link] as const];
  });
  const issues = graph.derive(
    'secret issues',
    wanted,
    (one, key, read) => {
      const issue = secretIssue(one, placesOf(one), credentialFor(one, read, credentials));
      return issue === undefined ? [] : [[key, issue]];
    },
    structural,
  );
  // Many classes may lack the same; it is said once.
  const said = graph.distinct('distinct secret issues', issues, (issue) => [[JSON.stringify(issue), issue] as const]);
  return { secrets: { type: 'secret', links, resources }, issues: [said] };
}

const targetOf = ({ namespace, name, part }: Pick<Wanted, 'namespace' | 'name' | 'part'>): string =>
  `${namespace}\n${name}\n${part}`;

function keyed(wanted: Wanted): readonly [string, Wanted] {
  const { object, field } = wanted.about;
  return [[wanted.class, wanted.name, wanted.part, object.kind, object.namespace, object.name, ...field].join('\n'), wanted];
}

function credentialFor(
  wanted: Pick<Wanted, 'written' | 'part' | 'namespace'>,
  read: Read,
  credentials: Collection<Credential>,
): Credential | undefined {
  const places = placesOf(wanted);
  if ('refused' in places) return undefined;
  for (const id of places.ids) {
    const found = read.get(credentials, id);
    if (found !== undefined) return found;
  }
  return undefined;
}

function secretOf({ name, part }: Pick<Wanted, 'name' | 'part'>, { certificate, roots }: Credential): Resource | undefined {
  if (part === 'roots') {
    if (roots.kind !== 'given') return undefined;
    return resource('secret', name, SecretSchema, rootsSecret(name, roots.value.certificates, roots.value.revocations));
  }
  if (certificate.kind !== 'given') return undefined;
  const { chain, key, staple } = certificate.value;
  const der = staple === undefined ? undefined : new Uint8Array(Buffer.from(staple, 'base64'));
  return resource('secret', name, SecretSchema, certificateSecret(name, chain, key, der));
}
