import { type Collection, type Graph, structural } from '../collection/index.ts';
import { type ConfigObject, type Issue, objectId, type Translated } from '../model/index.ts';
import { type Standing, standing } from './standing.ts';
import { ISTIO_KINDS, type IstioKind, type TranslateInputs, type TranslateOutputs, type Translation } from './types.ts';

/** From what was made to what stands: one object a name, held against the rules of its kind. */
export function buildStanding(
  graph: Graph,
  inputs: Pick<TranslateInputs, 'written'>,
  translations: Collection<Translation>,
): Omit<TranslateOutputs, 'acceptedRoutes'> {
  const claims = graph.derive(
    'translate.claims',
    translations,
    ({ objects }, key) => objects.map((one) => [`${objectId(one.object.key)}\n${key}`, one] as const),
    structural,
  );
  const byId = graph.index('translate.claims-by-id', claims, ({ object }) => [objectId(object.key)]);
  const issuesOf = ({ issues }: Pick<Translation, 'issues'>, key: string): (readonly [string, Issue])[] =>
    issues.map((issue, i) => [`${key}\n${i}`, issue] as const);
  const tables = ISTIO_KINDS.map((kind) => {
    const ids = graph.distinct(`translate.ids.${kind}`, claims, ({ object: { key } }) =>
      key.kind === kind ? [[objectId(key), kind]] : [],
    );
    const standings = graph.derive<IstioKind, Standing>(
      `translate.standings.${kind}`,
      ids,
      (_, id, read) => {
        const rivals = [...read.lookup(byId, id)].map((key) => read.get(claims, key)!);
        const written = inputs.written(kind);
        return [[id, standing(rivals, written === undefined ? undefined : read.get(written, id))]];
      },
      structural,
    );
    const translated = graph.derive<Standing, Translated>(`translate.translated.${kind}`, standings, ({ accepted }, id) =>
      accepted === undefined ? [] : [[id, accepted]],
    );
    const objects = graph.derive<Translated, ConfigObject>(`translate.${kind}`, translated, ({ object }, id) => [[id, object]]);
    return { kind, translated, objects, issues: graph.derive(`translate.standing-issues.${kind}`, standings, issuesOf) };
  });
  const translated = graph.union('translate.translated', ...tables.map((table) => table.translated));
  const objects = Object.fromEntries(tables.map(({ kind, objects: own }) => [kind, own])) as Record<
    IstioKind,
    Collection<ConfigObject>
  >;
  const issues = [graph.derive('translate.translation-issues', translations, issuesOf), ...tables.map((table) => table.issues)];
  return { objects, translated, issues };
}
