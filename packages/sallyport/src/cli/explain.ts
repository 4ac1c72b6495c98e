import { type Command, Option } from 'commander';
import { type Call, callOf, stepText, VERDICTS, type Verdict } from '../explain/index.ts';
import { SallyportError } from '../lib/error.ts';
import type { ConfigObject, Outcome, ProxyNode } from '../model/index.ts';
import { type Explanation, explainCall } from '../pipeline/explain.ts';
import type { Pipeline } from '../pipeline/index.ts';
import { proxyArgument } from '../pipeline/proxies.ts';
import { callerOf, lookUp, requestOf } from '../pipeline/request.ts';
import { lookedUpText } from '../pipeline/unheard.ts';
import { EXIT } from './exit.ts';
import { issueText } from './issues.ts';
import { jsonArgument } from './json-argument.ts';
import { type OfflineOptions, openOffline } from './offline.ts';
import { examples, type Outputs, shared } from './options.ts';
import { print, type Terminal } from './terminal.ts';

interface ExplainOptions extends OfflineOptions, Outputs {
  readonly proxy?: string;
  readonly call?: string;
  readonly from?: string;
  readonly expect?: Verdict;
}

export function addExplain(program: Command, terminal: Terminal): void {
  const command = program
    .command('explain')
    .summary('say where a call goes, and why')
    .description(
      [
        'Replays a call on what a proxy would be sent, by Envoy’s rules, and says where it goes and which objects make it so.',
        'The call is either --call of --proxy, or a request such as GET https://host/path of the workload --from. Then the host is looked up as that workload would, and a host without an address in the mesh gets one that stands for public DNS.',
        'Verdicts: allowed (a declared destination), blocked (an undeclared one, and nothing else may leave), passthrough (an undeclared one, let through), redirected, answered (by the proxy itself), failed. Exits 0 whatever the verdict, unless --expect names another.',
      ].join('\n\n'),
    )
    .argument('[request...]', 'METHOD and URL, or the URL alone')
    .addOption(shared.files())
    .addOption(shared.namespace())
    .addOption(shared.meshConfig())
    .addOption(shared.vip())
    .addOption(shared.ledger())
    .addOption(shared.rootNamespace())
    .addOption(shared.cluster())
    .addOption(shared.vipClusterName())
    .addOption(shared.glooV1())
    .option('--proxy <json>', 'the calling proxy, or the called one of an inbound call; as for generate, or @FILE')
    .option('--call <json>', 'address, port, protocol, tls, sni, alpn, host, method, path, headers, inbound; or @FILE')
    .option('--from <namespace/workload>', 'the calling workload')
    .addOption(new Option('--expect <verdict>', 'exit 1 if the verdict is another').choices(VERDICTS))
    .addOption(shared.output())
    .action(async (words: string[], options: ExplainOptions) => {
      const { request, file } = sorted(words, options.file);
      const given = await readArguments(request, options);
      const { pipeline, configuration } = await openOffline({ ...options, file });
      const { proxy, call } = ask(pipeline, given, options, terminal);
      for (const issue of configuration.issues()) if (issue.severity === 'error') terminal.err(issueText(issue, terminal));
      const explanation = explainCall(pipeline, proxy, call);
      print(terminal, options.output, explanationJson(explanation), () => explanationText(explanation, terminal));
      process.exitCode = options.expect === undefined || options.expect === explanation.verdict ? EXIT.good : EXIT.findings;
    });
  examples(command, [
    'sallyport explain GET https://api.example.com/v1 --from shop/web -f mesh/',
    `sallyport explain -f mesh/ --proxy '{"namespace": "shop"}' --call '{"port": 443, "tls": "tls", "host": "api.example.com"}'`,
    'sallyport explain https://leak.example --from shop/web -f mesh/ --expect blocked',
  ]);
}

/** `-f` takes all words up to the next option; a request among them is no path. */
function sorted(
  words: readonly string[],
  file: readonly string[],
): { readonly request: readonly string[]; readonly file: readonly string[] } {
  const url = words.length > 0 ? -1 : file.findIndex((word) => /^[a-z]+:\/\//.test(word));
  if (url === -1) return { request: words, file };
  const first = /^[A-Z]+$/.test(file[url - 1] ?? '') ? url - 1 : url;
  return { request: file.slice(first, url + 1), file: [...file.slice(0, first), ...file.slice(url + 1)] };
}

interface Given {
  readonly proxy: unknown;
  readonly call: unknown;
  readonly request?: NonNullable<ReturnType<typeof requestOf>['value']>;
}

/** Everything that can be judged before the configuration is read. */
async function readArguments(request: readonly string[], options: ExplainOptions): Promise<Given> {
  const { proxy: proxyText, call: callText, from } = options;
  if (proxyText !== undefined && from !== undefined)
    throw new SallyportError('USAGE', '--proxy and --from both say who calls; give one of them');
  const proxy = proxyText === undefined ? {} : await jsonArgument('--proxy', proxyText);
  if (request.length === 0) {
    if (callText === undefined)
      throw new SallyportError('USAGE', 'name the call: --call JSON, or a request such as GET https://host/path');
    return { proxy, call: await jsonArgument('--call', callText) };
  }
  if (callText !== undefined) throw new SallyportError('USAGE', '--call and a request both name a call; give one of them');
  if (request.length > 2) throw new SallyportError('USAGE', 'a request is a method and a URL, or a URL alone');
  const [method, url] = request.length === 2 ? (request as [string, string]) : ['GET', request[0]!];
  return { proxy, call: undefined, request: accepted('the request', requestOf(method, url)) };
}

function ask(
  pipeline: Pipeline,
  { proxy: given, call, request }: Given,
  { from, vip }: ExplainOptions,
  terminal: Terminal,
): { readonly proxy: ProxyNode; readonly call: Call } {
  const caller = from === undefined ? undefined : accepted('--from', callerOf(pipeline, from));
  if (caller?.assumed !== undefined) terminal.err(`${terminal.colors.cyan('info')} ${caller.assumed}\n`);
  const proxy = accepted('--proxy', proxyArgument(caller?.proxy ?? given, vip));
  if (request === undefined) return { proxy, call: accepted('--call', callOf(call)) };
  const { hostname, ...rest } = request;
  return { proxy, call: accepted('the request', callOf({ ...rest, address: lookUp(pipeline, proxy, hostname) })) };
}

function accepted<T>(argument: string, { value, issues }: Outcome<T>): T {
  if (value !== undefined) return value;
  const lines = issues.map(({ message, hint }) => (hint === undefined ? message : `${message}: ${hint}`));
  throw new SallyportError('USAGE', `${argument}: ${lines.join('; ')}`);
}

/** The JSON form of design.md section 4, `explain`. An absent field is empty. */
function explanationJson({ verdict, sentence, outcome, because, lookups }: Explanation): Readonly<Record<string, unknown>> {
  const { error, listener, filterChain, virtualHost, route, routeConfig, cluster, detail, steps } = outcome;
  return {
    verdict,
    sentence,
    error,
    listener,
    filterChain,
    virtualHost,
    route,
    routeConfig,
    cluster,
    detail,
    steps: steps.map((step) => ({ ...step, text: stepText(step) })),
    ...(lookups.length > 0 && { lookups }),
    because: because.map(({ key, origin }) => ({ ...key, file: origin.path, line: origin.line })),
  };
}

function explanationText({ verdict, sentence, outcome, because, lookups }: Explanation, { colors }: Terminal): string {
  const good = verdict === 'allowed' || verdict === 'redirected' || verdict === 'answered';
  const paint = good ? colors.green : verdict === 'passthrough' ? colors.yellow : colors.red;
  const steps = outcome.steps.map((step, i) => `  ${String(i + 1).padStart(2)}. ${stepText(step)}\n`);
  const looked = lookups.map((lookup) => `   · ${lookedUpText(lookup)}\n`);
  const objects = because.map((object) => `  ${placeText(object)}\n`);
  const made = objects.length === 0 ? '' : `\n${colors.bold('because of')}\n${objects.join('')}`;
  return `${paint(colors.bold(verdict))} ${sentence}\n\n${colors.bold('on the way')}\n${steps.join('')}${looked.join('')}${made}`;
}

const placeText = ({ key, origin }: ConfigObject): string =>
  `${origin.path}:${origin.line} ${key.kind} ${key.namespace === '' ? '' : `${key.namespace}/`}${key.name}`;
