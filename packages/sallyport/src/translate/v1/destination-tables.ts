import { type Collection, type Graph, type Read, structural } from '../../collection/index.ts';
import {
  byAge,
  type ConfigObject,
  type DestinationSpec,
  type DiscoveredMeshSpec,
  type Issue,
  objectId,
  type TrafficPolicyV1Spec,
  type VirtualMeshSpec,
} from '../../model/index.ts';
import type { TranslateInputs, TranslateSettings, Translation } from '../types.ts';
import { uniqueIp, uniqueIpAmong } from '../unique-ip.ts';
import { type ExternalDestination, translationOf } from './destination.ts';
import { exportedElsewhere, isExportedHere } from './exported.ts';
import { isMember, notMember } from './membership.ts';
import { placesFor, placesOf, selectsExternal } from './select.ts';

export interface DestinationTables {
  /** Destinations that declare an external service which exists in this cluster. */
  readonly external: Collection<ExternalDestination>;
  readonly translations: readonly Collection<Translation>[];
}

/** Destinations with what VirtualMeshes and TrafficPolicies say of them: ServiceEntries, VirtualServices, DestinationRules. */
export function buildDestinations(graph: Graph, inputs: TranslateInputs): DestinationTables {
  const settingsOf = (read: Read) => read.get(inputs.settings, 'settings');
  const meshes = inputs.gloo<DiscoveredMeshSpec>('Mesh');
  const isOurs = (object: ConfigObject<VirtualMeshSpec>, { cluster }: TranslateSettings, read: Read): boolean =>
    isMember(object, cluster, ({ name = '', namespace = '' }) => read.get(meshes, objectId({ kind: 'Mesh', namespace, name })));
  const written = inputs.gloo<VirtualMeshSpec>('VirtualMesh');
  const virtualMeshes = graph.derive<ConfigObject<VirtualMeshSpec>, ConfigObject<VirtualMeshSpec>>(
    'translate.v1.virtual-meshes',
    written,
    (object, id, read) => {
      const settings = settingsOf(read);
      return settings !== undefined && isOurs(object, settings, read) ? [[id, object]] : [];
    },
  );
  const strangers = graph.derive<ConfigObject<VirtualMeshSpec>, Translation>(
    'translate.v1.strangers',
    written,
    (object, id, read) => {
      const settings = settingsOf(read);
      const named = object.spec.meshes ?? [];
      if (settings === undefined || named.length === 0 || isOurs(object, settings, read)) return [];
      return [[id, { objects: [], issues: [notMember(object, settings.cluster)] }]];
    },
    structural,
  );
  const allMeshes = graph.index('translate.v1.all-virtual-meshes', virtualMeshes, () => ['all']);

  const declared = graph.derive<ConfigObject<DestinationSpec>, ExternalDestination>(
    'translate.v1.declared',
    inputs.gloo<DestinationSpec>('Destination'),
    (object, id) => (isExternal(object) ? [[id, object]] : []),
  );
  const external = graph.derive<ExternalDestination, ExternalDestination>(
    'translate.v1.external',
    declared,
    (object, id, read) => {
      const settings = settingsOf(read);
      return settings !== undefined && isExportedHere(object.spec.externalService, settings) ? [[id, object]] : [];
    },
  );
  const elsewhere = graph.derive<ExternalDestination, Translation>(
    'translate.v1.elsewhere',
    declared,
    (object, id, read) => {
      const settings = settingsOf(read);
      if (settings === undefined || isExportedHere(object.spec.externalService, settings)) return [];
      return [[id, { objects: [], issues: [exportedElsewhere(object, settings)] }]];
    },
    structural,
  );
  // Who would get which address, so that two who would get the same one find each other.
  const vips = graph.derive<ExternalDestination, string>('translate.v1.vips', external, (object, id, read) => [
    [id, uniqueIp(...vipParts(object, settingsOf(read)!))],
  ]);
  const byVip = graph.index('translate.v1.by-vip', vips, (vip) => [vip]);

  const policies = inputs.gloo<TrafficPolicyV1Spec>('TrafficPolicy');
  const policiesAt = graph.index('translate.v1.policies-at', policies, ({ spec }) => placesOf(spec.destinationSelector));
  const destinations = graph.derive<ExternalDestination, Translation>(
    'translate.v1.destinations',
    external,
    (object, id, read) => {
      const settings = settingsOf(read);
      if (settings === undefined) return [];
      const rivals = [...read.lookup(byVip, read.get(vips, id)!)].map((key) => read.get(external, key)!).sort(byAge);
      const ids = new Set(placesFor(object).flatMap((place) => [...read.lookup(policiesAt, place)]));
      const applied = [...ids].map((key) => read.get(policies, key)!).sort(byAge);
      const around = {
        settings,
        virtualMeshes: [...read.lookup(allMeshes, 'all')].map((key) => read.get(virtualMeshes, key)!).sort(byAge),
        ...vipAmong(object, rivals, settings),
        policies: applied.filter(({ spec }) => selectsExternal(spec.destinationSelector, object)),
      };
      return [[id, translationOf(object, around)]];
    },
    structural,
  );
  return { external, translations: [destinations, strangers, elsewhere] };
}

function isExternal(object: ConfigObject<DestinationSpec>): object is ExternalDestination {
  return object.spec.externalService !== undefined;
}

function vipParts({ spec }: ExternalDestination, { rootNamespace, vipClusterName }: TranslateSettings): readonly string[] {
  return [spec.externalService.name ?? '', rootNamespace, vipClusterName, 'kube-service'];
}

/** The address of one of several that would get the same. Those of the same name are one service, whoever of them stands. */
function vipAmong(
  object: ExternalDestination,
  rivals: readonly ExternalDestination[],
  settings: TranslateSettings,
): { readonly vip: string; readonly clash?: Issue } {
  const before = rivals.slice(
    0,
    rivals.findIndex(({ key }) => objectId(key) === objectId(object.key)),
  );
  const others = before.filter(({ spec }) => spec.externalService.name !== object.spec.externalService.name);
  const vip = uniqueIpAmong([...others, object].map((one) => vipParts(one, settings)));
  const [oldest] = others;
  if (oldest === undefined || (object.spec.externalService.addresses ?? []).length > 0) return { vip };
  const clash: Issue = {
    code: 'HOST_CONFLICT',
    severity: 'warning',
    object: object.key,
    field: ['spec', 'externalService', 'name'],
    message: `its virtual address would be that of the older Destination ${oldest.key.namespace}/${oldest.key.name}, so it gets ${vip} instead`,
    hint: 'give it an address of its own under `addresses`, or another name',
  };
  return { vip, clash };
}
