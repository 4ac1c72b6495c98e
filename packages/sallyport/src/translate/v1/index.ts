import { type Collection, type Graph, type Read, structural } from '../../collection/index.ts';
import { byAge, type ConfigObject, type DestinationSpec, objectId, type VirtualMeshSpec } from '../../model/index.ts';
import type { TranslateInputs, TranslateSettings, Translation } from '../types.ts';
import { uniqueIp, uniqueIpAmong } from '../unique-ip.ts';
import { type ExternalDestination, serviceEntryOf } from './destination.ts';

/** Gloo Mesh v1 (spec/gloo.md 1). */
export function buildV1(graph: Graph, inputs: TranslateInputs): readonly Collection<Translation>[] {
  const destinations = inputs.gloo<DestinationSpec>('Destination');
  const virtualMeshes = inputs.gloo<VirtualMeshSpec>('VirtualMesh');
  const allMeshes = graph.index('translate.v1.virtual-meshes', virtualMeshes, () => ['all']);
  const meshesOf = (read: Read): ConfigObject<VirtualMeshSpec>[] =>
    [...read.lookup(allMeshes, 'all')].map((id) => read.get(virtualMeshes, id)!).sort(byAge);

  const external = graph.derive<ConfigObject<DestinationSpec>, ExternalDestination>(
    'translate.v1.external',
    destinations,
    (object, id) => (isExternal(object) ? [[id, object]] : []),
  );
  // Who would get which address, so that two who would get the same one find each other.
  const vips = graph.derive<ExternalDestination, string>('translate.v1.vips', external, (object, id, read) => {
    const settings = read.get(inputs.settings, 'settings');
    return settings === undefined ? [] : [[id, uniqueIp(...vipParts(object, settings))]];
  });
  const byVip = graph.index('translate.v1.by-vip', vips, (vip) => [vip]);

  const entries = graph.derive<ExternalDestination, Translation>(
    'translate.v1.destinations',
    external,
    (object, id, read) => {
      const settings = read.get(inputs.settings, 'settings');
      if (settings === undefined) return [];
      const rivals = [...read.lookup(byVip, read.get(vips, id)!)].map((key) => read.get(external, key)!).sort(byAge);
      const before = rivals.slice(
        0,
        rivals.findIndex((one) => objectId(one.key) === id),
      );
      // Those of the same name are one service, whoever of them stands.
      const others = before.filter((one) => one.spec.externalService.name !== object.spec.externalService.name);
      const claimants = [...others, object].map((one) => ({ key: one.key, parts: vipParts(one, settings) }));
      const around = { settings, virtualMeshes: meshesOf(read), vip: uniqueIpAmong(claimants) };
      return [[id, { objects: [serviceEntryOf(object, around)], issues: [] }]];
    },
    structural,
  );
  return [entries];
}

function isExternal(object: ConfigObject<DestinationSpec>): object is ExternalDestination {
  return object.spec.externalService !== undefined;
}

function vipParts({ spec }: ExternalDestination, { rootNamespace, vipClusterName }: TranslateSettings): readonly string[] {
  return [spec.externalService.name ?? '', rootNamespace, vipClusterName, 'kube-service'];
}
