import { parseArgs } from 'node:util';
import { type LoadResult, loadNames, measureAds } from './ads.ts';
import { adsText } from './ads-text.ts';
import { type EngineResult, engineText, measureEngine } from './engine.ts';
import { type GlooResult, glooText, measureGloo } from './gloo.ts';
import { verdictsOf } from './goals.ts';
import { istiod } from './istiod.ts';

const HELP = `usage: npm run bench -- engine|gloo|ads|all [options]

  engine   what each kind of change costs on the whole pipeline, without a network:
           10,000 entries in 50 namespaces, 200 classes that see 600 each
  gloo     what Gloo configuration costs, and each kind of change to it:
           5,000 ExternalServices in 50 workspaces of two namespaces each
  ads      the reference load over delta ADS, with the client adsload in a process of its own,
           beside the figures of istiod; needs Go, and adsload's source (ADSLOAD_DIR)

options
  -l, --load LIST      ads: of ${loadNames.join(', ')}; all if not given
  -p, --proxies LIST   ads: numbers of proxies; 1,50,200 if not given
      --entries N      engine: number of entries (10000)
      --services N     gloo: number of ExternalServices (5000)
      --classes N      engine: number of classes (200)
      --rounds N       engine, gloo: how often each change is made; the median counts (9)
  -o, --output FORMAT  text or json (text)
  -h, --help

BENCH_NODE_OPTIONS: flags for the server's Node, e.g. --cpu-prof`;

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    load: { type: 'string', short: 'l', default: loadNames.join(',') },
    proxies: { type: 'string', short: 'p', default: '1,50,200' },
    entries: { type: 'string', default: '10000' },
    classes: { type: 'string', default: '200' },
    services: { type: 'string', default: '5000' },
    rounds: { type: 'string', default: '9' },
    output: { type: 'string', short: 'o', default: 'text' },
    help: { type: 'boolean', short: 'h', default: false },
  },
});

const [what] = positionals;
if (values.help || what === undefined || !['engine', 'gloo', 'ads', 'all'].includes(what)) {
  console.log(HELP);
  process.exit(values.help ? 0 : 2);
}

const isText = values.output === 'text';
const raw: { engine?: readonly EngineResult[]; gloo?: readonly GlooResult[]; ads?: LoadResult[] } = {};
if (what === 'engine' || what === 'all') {
  const [entries, classes, rounds] = [values.entries, values.classes, values.rounds].map(Number) as [number, number, number];
  raw.engine = await measureEngine({ entries, classes, rounds });
  if (isText) console.log(`${entries} entries, ${classes} classes\n${engineText(raw.engine)}\n`);
}
if (what === 'gloo' || what === 'all') {
  const services = Number(values.services);
  raw.gloo = await measureGloo({ services, workspaces: 50, rounds: Number(values.rounds) });
  if (isText) console.log(`${services} ExternalServices, 50 workspaces\n${glooText(raw.gloo)}\n`);
}
if (what === 'ads' || what === 'all') {
  raw.ads = [];
  for (const load of values.load.split(',')) {
    for (const proxies of values.proxies.split(',')) {
      const result = await measureAds(load, Number(proxies));
      raw.ads.push(result);
      if (isText) console.log(adsText(result));
    }
  }
}
if (!isText) {
  const ads = raw.ads?.map((result) => ({ ...result, istiod: istiod[result.load], goals: verdictsOf(result) }));
  console.log(JSON.stringify({ ...raw, ...(ads && { ads }) }, undefined, 2));
}
