import { type Collection, type Graph, structural } from '../collection/index.ts';
import { type ConfigObject, type Issue, objectId, type Translated } from '../model/index.ts';
import { type Standing, standing } from './standing.ts';
import { ISTIO_KINDS, type IstioKind, type TranslateInputs, type TranslateOutputs, type Translation } from './types.ts';

/** From what was made to what stands: one object a name, held against the rules of its kind. */
export function buildStanding(
  graph: Graph,
  inputs: Pick<TranslateInputs, 'written'>,
  translations: Collection<Translation>,
): TranslateOutputs {
  const claims = graph.derive(
    'translate.claims',
    translations,
    ({ objects }, key) => objects.map((one) => [`${objectId(one.object.key)}\n${key}`, one] as const),
    structural,
  );
  const byId = graph.index('translate.claims-by-id', claims, ({ object }) => [objectId(object.key)]);
  const ids = graph.distinct('translate.ids', claims, ({ object: { key } }) => [[objectId(key), key.kind as IstioKind]]);
  const standings = graph.derive<IstioKind, Standing>(
    'translate.standings',
    ids,
    (kind, id, read) => {
      const rivals = [...read.lookup(byId, id)].map((key) => read.get(claims, key)!);
      const written = inputs.written(kind);
      return [[id, standing(rivals, written === undefined ? undefined : read.get(written, id))]];
    },
    structural,
  );
  const translated = graph.derive<Standing, Translated>('translate.translated', standings, ({ accepted }, id) =>
    accepted === undefined ? [] : [[id, accepted]],
  );
  const objects = Object.fromEntries(
    ISTIO_KINDS.map((kind) => {
      const ofKind = ({ object }: Translated, id: string): readonly (readonly [string, ConfigObject])[] =>
        object.key.kind === kind ? [[id, object]] : [];
      return [kind, graph.derive(`translate.${kind}`, translated, ofKind)];
    }),
  ) as Record<IstioKind, Collection<ConfigObject>>;
  const issuesOf = ({ issues }: Pick<Translation, 'issues'>, key: string): (readonly [string, Issue])[] =>
    issues.map((issue, i) => [`${key}\n${i}`, issue] as const);
  const issues = [
    graph.derive('translate.translation-issues', translations, issuesOf),
    graph.derive('translate.standing-issues', standings, issuesOf),
  ];
  return { objects, translated, issues };
}
