import type {
  CorsPolicySpec,
  FaultInjectionPolicySpec,
  HeaderManipulationPolicySpec,
  MirrorPolicySpec,
  RetryTimeoutPolicySpec,
} from '../../model/index.ts';
import { type Finding, invalid, missing, shown } from '../finding.ts';
import type { Path } from '../yaml/position.ts';
import { checkDestinationSelectors, checkReference, checkRouteSelectors } from './gloo-selectors.ts';
import { checkHeaders } from './headers.ts';
import { checkCors, checkRetries } from './http-action.ts';
import { checkText } from './route-matcher.ts';
import type { Rule } from './rule.ts';
import { checkDuration } from './shared.ts';

const ROUTES: Path = ['spec', 'applyToRoutes'];
const CONFIG: Path = ['spec', 'config'];

const nothing = (field: Path, hint: string): Finding => missing(field, 'the policy says nothing', hint);

/** RetryTimeoutPolicy (spec/gloo.md 2.9): retries, a time-out, or both. */
export const retryTimeoutPolicyRule: Rule<RetryTimeoutPolicySpec> = function* ({ applyToRoutes, config }) {
  yield* checkRouteSelectors(applyToRoutes, ROUTES);
  if (config?.retries === undefined && config?.requestTimeout === undefined)
    yield nothing(CONFIG, 'write `retries` or `requestTimeout`');
  yield* checkDuration(config?.requestTimeout, [...CONFIG, 'requestTimeout']);
  if (config?.retries !== undefined) yield* checkRetries({ attempts: 2, ...config.retries }, [...CONFIG, 'retries']);
};

/** FaultInjectionPolicy: a delay, an abort, or both. */
export const faultInjectionPolicyRule: Rule<FaultInjectionPolicySpec> = function* ({ applyToRoutes, config }) {
  yield* checkRouteSelectors(applyToRoutes, ROUTES);
  const { delay, abort } = config ?? {};
  if (delay === undefined && abort === undefined) yield nothing(CONFIG, 'write `delay` or `abort`');
  if (delay !== undefined && delay.fixedDelay === undefined)
    yield missing([...CONFIG, 'delay', 'fixedDelay'], '`fixedDelay` is missing', 'for example 2s');
  yield* checkDuration(delay?.fixedDelay, [...CONFIG, 'delay', 'fixedDelay']);
  yield* checkShare(delay?.percentage, [...CONFIG, 'delay', 'percentage']);
  if (abort !== undefined && abort.httpStatus === undefined)
    yield missing([...CONFIG, 'abort', 'httpStatus'], '`httpStatus` is missing', 'for example 503');
  if (abort?.httpStatus !== undefined && (abort.httpStatus < 200 || abort.httpStatus > 599))
    yield invalid([...CONFIG, 'abort', 'httpStatus'], `${abort.httpStatus} is no HTTP status`, 'write a number from 200 to 599');
  yield* checkShare(abort?.percentage, [...CONFIG, 'abort', 'percentage']);
};

/** HeaderManipulationPolicy. */
export const headerManipulationPolicyRule: Rule<HeaderManipulationPolicySpec> = function* (spec) {
  const { appendRequestHeaders, removeRequestHeaders, appendResponseHeaders, removeResponseHeaders } = spec.config ?? {};
  yield* checkRouteSelectors(spec.applyToRoutes, ROUTES);
  for (const [i, { onDestinations }] of (spec.applyToRouteDestinations ?? []).entries())
    yield* checkDestinationSelectors(onDestinations, ['spec', 'applyToRouteDestinations', i, 'onDestinations']);
  const all = { appendRequestHeaders, removeRequestHeaders, appendResponseHeaders, removeResponseHeaders };
  if (Object.values(all).every((part) => Object.keys(part ?? {}).length === 0))
    yield nothing(CONFIG, 'name headers to append or remove');
  yield* renamed(
    checkHeaders(
      {
        request: { add: appendRequestHeaders ?? {}, remove: removeRequestHeaders ?? [] },
        response: { add: appendResponseHeaders ?? {}, remove: removeResponseHeaders ?? [] },
      },
      [],
    ),
  );
};

const HEADER_FIELDS: Readonly<Record<string, string>> = {
  'request/add': 'appendRequestHeaders',
  'request/remove': 'removeRequestHeaders',
  'response/add': 'appendResponseHeaders',
  'response/remove': 'removeResponseHeaders',
};

/** The same rules as for a VirtualService, said about the fields that Gloo has for it. */
function* renamed(findings: Iterable<Finding>): Iterable<Finding> {
  for (const finding of findings) {
    const [side, part, ...rest] = finding.field;
    yield { ...finding, field: [...CONFIG, HEADER_FIELDS[`${side}/${part}`]!, ...rest] };
  }
}

/** MirrorPolicy. */
export const mirrorPolicyRule: Rule<MirrorPolicySpec> = function* ({ applyToRoutes, config }) {
  yield* checkRouteSelectors(applyToRoutes, ROUTES);
  if (config?.destination === undefined)
    yield missing([...CONFIG, 'destination'], '`destination` is missing', 'write ref: {name: …} and `kind`');
  else yield* checkReference(config.destination, [...CONFIG, 'destination']);
  yield* checkShare(config?.percentage, [...CONFIG, 'percentage']);
};

/** CORSPolicy. */
export const corsPolicyRule: Rule<CorsPolicySpec> = function* ({ applyToRoutes, config = {} }) {
  yield* checkRouteSelectors(applyToRoutes, ROUTES);
  const { allowOrigins = [], ...rest } = config;
  for (const [i, origin] of allowOrigins.entries()) yield* checkText(origin, [...CONFIG, 'allowOrigins', i]);
  yield* checkCors(rest, CONFIG);
};

/** 0, or from 0.0001 to 100; absent means all. */
function* checkShare(share: number | undefined, field: Path): Iterable<Finding> {
  if (share === undefined || share === 0) return;
  if (share < 0.0001 || share > 100)
    yield invalid(field, `${shown(share)} is no percentage`, 'write 0, or a number from 0.0001 to 100');
}
