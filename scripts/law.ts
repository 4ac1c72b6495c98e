// The import law. One row a folder: what it may import, and where a thing belongs that seems to need more.
// `lib` is open to everybody; what is not listed is forbidden.

const SRC = 'packages/sallyport/src';

export interface Folder {
  readonly may: readonly string[];
  /** Where a thing belongs that seems to need more. */
  readonly otherwise: string;
}

export const law: Readonly<Record<string, Folder>> = {
  lib: {
    may: [],
    otherwise:
      'lib is what the standard library forgot; a thing that needs a domain word belongs to the stage that uses the word',
  },
  collection: { may: [], otherwise: 'the engine knows no domain; put the domain into the derivation that a stage hands to it' },
  model: { may: [], otherwise: 'the vocabulary depends on nothing; behaviour belongs to the stage that needs it' },
  config: {
    may: ['model', 'collection', 'apis'],
    otherwise: 'config turns documents into typed objects; meaning across objects belongs to registry or scope',
  },
  source: { may: ['model', 'config'], otherwise: 'a source delivers documents; who reads them is joined in pipeline' },
  translate: {
    may: ['model', 'collection', 'config'],
    otherwise: 'translate gives Istio objects; what they mean is for registry',
  },
  registry: {
    may: ['model', 'collection', 'config'],
    otherwise: 'registry knows services, not who sees them (scope) nor how Envoy spells them (envoy)',
  },
  ledger: {
    may: ['model', 'source'],
    otherwise: 'the ledger knows hosts and addresses; who wants them is for registry, and pipeline joins the two',
  },
  scope: {
    may: ['model', 'collection', 'config'],
    otherwise: 'scope relates proxy classes to services; it takes rows from registry through pipeline',
  },
  envoy: {
    may: ['model', 'collection', 'apis'],
    otherwise: 'envoy builds messages from model rows; if a fact is missing, add it to the row in registry or scope',
  },
  ads: {
    may: ['model', 'collection', 'apis'],
    otherwise: 'ads moves resources it knows nothing about; making them belongs to envoy',
  },
  dns: {
    may: ['model'],
    otherwise: 'dns asks the world’s DNS; which names, and what becomes of the answers, is in the tables of pipeline',
  },
  explain: {
    may: ['model', 'apis'],
    otherwise: 'explain replays Envoy’s documented rules on resources; it must not know our builders',
  },
  ca: { may: ['model'], otherwise: 'the CA signs; who asks is joined in pipeline or cli' },
  agent: { may: ['model', 'ca', 'apis'], otherwise: 'the agent stands beside a proxy and never pulls in the control plane' },
  pipeline: {
    may: ['model', 'collection', 'apis', 'config', 'translate', 'registry', 'scope', 'envoy', 'ads', 'ca', 'explain', 'ledger'],
    otherwise: 'pipeline joins stages; reading files and sockets belongs to source, ads/server or cli',
  },
  admin: { may: ['pipeline', 'model', 'collection', 'apis'], otherwise: 'admin reads the tables of pipeline' },
  cli: {
    may: [
      'pipeline',
      'admin',
      'agent',
      'source',
      'dns',
      'ca',
      'model',
      'config',
      'apis',
      'explain',
      'ads',
      'collection',
      'ledger',
    ],
    otherwise: 'a command joins ready parts; logic belongs to the part',
  },
};

/** Folders that may not touch the outside world; their edges and test files are the exceptions. */
const PURE = 'lib collection model config translate registry ledger scope envoy explain pipeline ads'.split(' ');
/** Where these folders meet the outside world. */
const EDGES = '/(ads/server|ledger/(disk|file|open))\\.ts$';
const TEST = '(\\.(test|conversation)\\.ts|battery\\.ts|testing/[^/]+\\.ts)$';
/** Computation, not input or output. */
const HARMLESS_NODE = '^(node:)?(buffer|crypto|net|util)$';

const folderRules = Object.entries(law).map(([folder, { may, otherwise }]) => ({
  name: `${folder}-imports`,
  severity: 'error',
  comment: `${folder}/ may import ${['lib', ...may].join(', ')}. ${otherwise}.`,
  from: { path: `^${SRC}/${folder}/`, pathNot: TEST },
  to: {
    path: [`^${SRC}/[^/]+/`, '^packages/apis/'],
    pathNot: [folder, 'lib', ...may].map((to) => (to === 'apis' ? '^packages/apis/' : `^${SRC}/${to}/`)),
  },
}));

export const forbiddenRules = [
  ...folderRules,
  {
    name: 'restrict-io',
    severity: 'error',
    comment:
      'This folder is pure: files, sockets, clocks and processes belong to source, agent, admin, cli, ca/store.ts, ads/server.ts or the file of the ledger.',
    from: { path: `^${SRC}/(${PURE.join('|')})/`, pathNot: [TEST, `^${SRC}${EDGES}`] },
    to: { dependencyTypes: ['core'], pathNot: HARMLESS_NODE },
  },
  {
    name: 'grpc-stays-at-the-edge',
    severity: 'error',
    comment: 'Only ads/server.ts and the agent speak gRPC; everything else takes and gives values.',
    from: { path: `^${SRC}/`, pathNot: [TEST, `^${SRC}/ads/server\\.ts$`, `^${SRC}/agent/`] },
    to: { path: 'node_modules/@grpc/' },
  },
  {
    name: 'no-generated-code-directly',
    severity: 'error',
    comment: 'Import Envoy’s API through the short names of packages/apis/src/*.ts, so that a new version touches one place.',
    from: { pathNot: '^packages/apis/' },
    to: { path: '^packages/apis/src/gen/' },
  },
  {
    name: 'no-import-of-tests',
    severity: 'error',
    comment: 'What two tests share goes into a file under testing/ of its folder.',
    from: {},
    to: { path: '\\.(test|conversation)\\.ts$' },
  },
  {
    name: 'no-cycles',
    severity: 'error',
    comment: 'A cycle is two files that are one; merge them or cut it.',
    from: {},
    to: { circular: true, viaOnly: { dependencyTypesNot: ['type-only'] } },
  },
  {
    name: 'no-unresolvable',
    severity: 'error',
    comment: 'An import that cannot be resolved hides from every other rule.',
    from: {},
    to: { couldNotResolve: true },
  },
];
