import { parseArgs } from 'node:util';
import { type LoadResult, loadNames, measureAds } from './ads.ts';
import { adsText } from './ads-text.ts';
import { type DnsResult, dnsText, measureDns } from './dns.ts';
import { type DnsServerResult, dnsServerText, measureDnsServer } from './dns-server.ts';
import { type EngineResult, engineText, measureEngine } from './engine.ts';
import { type GlooResult, glooText, measureGloo } from './gloo.ts';
import { verdictsOf } from './goals.ts';
import { figuresFrom, type IstiodFigures } from './istiod.ts';
import { measureNames, type NamesResult, namesText } from './names.ts';

const PARTS = ['engine', 'gloo', 'ads', 'names', 'dns-server', 'dns'] as const;
const HELP = `usage: npm run bench -- ${PARTS.join('|')}|all [options]

  engine   what each kind of change costs on the whole pipeline, without a network:
           10,000 entries in 50 namespaces, 200 classes that see 600 each
  gloo     what Gloo configuration costs, and each kind of change to it:
           5,000 ExternalServices in 50 workspaces of two namespaces each
  ads      the reference load over delta ADS, with the client adsload in a process of its own,
           beside the figures of istiod; needs Go, and adsload's source (ADSLOAD_DIR)
  names    what one changed name among 10,000 costs, to agents that take rows and to agents that take tables
  dns      who looks names up, each proxy or the control plane once: queries a minute, time until a new address
           is used, calls lost while no server answers; with real Envoys, in three minutes
  dns-server  questions a second that the agent's DNS server answers over UDP, and how long each takes

options
  -l, --load LIST      ads: of ${loadNames.join(', ')}; all if not given
  -p, --proxies LIST   ads, dns: numbers of proxies; 1,50,200, or 1,10,50, if not given
      --istiod FILE    ads: istiod's figures on this machine, JSON in the shape of bench/istiod.ts, laid over those of the specification
      --entries N      engine: number of entries (10000)
      --services N     gloo: number of ExternalServices (5000)
      --classes N      engine: number of classes (200)
      --rounds N       engine, gloo, names: how often each change is made; the median counts (9)
      --names N        names, dns-server: number of names (10000)
      --agents N       names: number of agents (20)
      --seconds N      dns-server: how long each kind of question is asked (5); dns: how long queries are counted (30)
      --outage N       dns: how many seconds no server answers (60)
      --open N         dns-server: questions that are open at once (64)
  -o, --output FORMAT  text or json (text)
  -h, --help

BENCH_NODE_OPTIONS: flags for the server's Node, e.g. --cpu-prof`;

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    load: { type: 'string', short: 'l', default: loadNames.join(',') },
    proxies: { type: 'string', short: 'p' },
    istiod: { type: 'string' },
    entries: { type: 'string', default: '10000' },
    classes: { type: 'string', default: '200' },
    services: { type: 'string', default: '5000' },
    rounds: { type: 'string', default: '9' },
    names: { type: 'string', default: '10000' },
    agents: { type: 'string', default: '20' },
    seconds: { type: 'string' },
    outage: { type: 'string', default: '60' },
    open: { type: 'string', default: '64' },
    output: { type: 'string', short: 'o', default: 'text' },
    help: { type: 'boolean', short: 'h', default: false },
  },
});

const [what] = positionals;
const isWanted = (part: (typeof PARTS)[number]): boolean => what === part || what === 'all';
if (values.help || what === undefined || !PARTS.some(isWanted)) {
  console.log(HELP);
  process.exit(values.help ? 0 : 2);
}

const isText = values.output === 'text';
const figures = readFigures(values.istiod);
const raw: {
  engine?: readonly EngineResult[];
  gloo?: readonly GlooResult[];
  ads?: LoadResult[];
  names?: readonly NamesResult[];
  dnsServer?: readonly DnsServerResult[];
  dns?: readonly DnsResult[];
} = {};
const rounds = Number(values.rounds);
if (isWanted('engine')) {
  const [entries, classes] = [values.entries, values.classes].map(Number) as [number, number];
  raw.engine = await measureEngine({ entries, classes, rounds });
  if (isText) console.log(`${entries} entries, ${classes} classes\n${engineText(raw.engine)}\n`);
}
if (isWanted('gloo')) {
  const services = Number(values.services);
  raw.gloo = await measureGloo({ services, workspaces: 50, rounds });
  if (isText) console.log(`${services} ExternalServices, 50 workspaces\n${glooText(raw.gloo)}\n`);
}
if (isWanted('ads')) {
  raw.ads = [];
  for (const load of values.load.split(',')) {
    for (const proxies of (values.proxies ?? '1,50,200').split(',')) {
      const result = await measureAds(load, Number(proxies));
      raw.ads.push(result);
      if (isText) console.log(adsText(result, figures));
    }
  }
}
if (isWanted('names')) {
  const options = { names: Number(values.names), agents: Number(values.agents), rounds };
  raw.names = await measureNames(options);
  if (isText) console.log(`${namesText(raw.names, options)}\n`);
}
if (isWanted('dns-server')) {
  const options = { names: Number(values.names), seconds: Number(values.seconds ?? '5'), open: Number(values.open) };
  raw.dnsServer = await measureDnsServer(options);
  if (isText) console.log(`${options.names} names, ${options.open} questions open\n${dnsServerText(raw.dnsServer)}\n`);
}
if (isWanted('dns')) {
  const proxies = (values.proxies ?? '1,10,50').split(',').map(Number);
  const [windowSeconds, outageSeconds] = [Number(values.seconds ?? '30'), Number(values.outage)];
  raw.dns = await measureDns({ proxies, windowSeconds, outageSeconds });
  if (isText) console.log(`${dnsText(raw.dns)}\n`);
}
if (!isText) {
  const ads = raw.ads?.map((result) => ({ ...result, istiod: figures[result.load], goals: verdictsOf(result, figures) }));
  console.log(JSON.stringify({ ...raw, ...(ads && { ads }) }, undefined, 2));
}

function readFigures(file: string | undefined): IstiodFigures {
  try {
    return figuresFrom(file);
  } catch (error) {
    console.error(`--istiod ${file}: ${(error as Error).message}`);
    process.exit(2);
  }
}
