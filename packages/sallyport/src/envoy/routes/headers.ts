import type { MessageInitShape } from '@bufbuild/protobuf';
import { HeaderValueOption_HeaderAppendAction as Append, type HeaderValueOptionSchema } from '@sallyport/apis/core';
import { compareText, type HeaderOperations, type Headers } from '../../model/index.ts';

type HeaderShape = MessageInitShape<typeof HeaderValueOptionSchema>;

export interface HeaderRules {
  readonly requestHeadersToAdd: HeaderShape[];
  readonly requestHeadersToRemove: string[];
  readonly responseHeadersToAdd: HeaderShape[];
  readonly responseHeadersToRemove: string[];
}

/** Header rules in Envoy's form (spec/istio.md 4.7). Pseudo headers and Host are not among them, see {@link authorityOf}. */
export function headerRules(headers: Headers | undefined): HeaderRules {
  return {
    requestHeadersToAdd: added(headers?.request),
    requestHeadersToRemove: (headers?.request?.remove ?? []).filter((name) => !isReserved(name)),
    responseHeadersToAdd: added(headers?.response),
    responseHeadersToRemove: (headers?.response?.remove ?? []).filter((name) => !isReserved(name)),
  };
}

/** What a request's Host becomes by header rules, or empty. `set` counts before `add`. */
export function authorityOf(headers: Headers | undefined): string {
  return authority(headers?.request?.set) || authority(headers?.request?.add);
}

/** One rule set applied after the other. */
export function bothRules(first: HeaderRules, second: HeaderRules): HeaderRules {
  return {
    requestHeadersToAdd: [...first.requestHeadersToAdd, ...second.requestHeadersToAdd],
    requestHeadersToRemove: [...first.requestHeadersToRemove, ...second.requestHeadersToRemove],
    responseHeadersToAdd: [...first.responseHeadersToAdd, ...second.responseHeadersToAdd],
    responseHeadersToRemove: [...first.responseHeadersToRemove, ...second.responseHeadersToRemove],
  };
}

function added(operations: HeaderOperations | undefined): HeaderShape[] {
  return [
    ...options(operations?.set, Append.OVERWRITE_IF_EXISTS_OR_ADD),
    ...options(operations?.add, Append.APPEND_IF_EXISTS_OR_ADD),
  ];
}

function options(values: Readonly<Record<string, string>> | undefined, appendAction: Append): HeaderShape[] {
  return Object.entries(values ?? {})
    .filter(([key]) => !isReserved(key))
    .sort(([a], [b]) => compareText(a, b))
    .map(([key, value]) => ({ header: { key, value }, appendAction }));
}

function authority(values: Readonly<Record<string, string>> | undefined): string {
  return Object.entries(values ?? {}).findLast(([key]) => isAuthority(key))?.[1] ?? '';
}

const isReserved = (name: string): boolean => name.startsWith(':') || name.toLowerCase() === 'host';
const isAuthority = (name: string): boolean => name.toLowerCase() === ':authority' || name.toLowerCase() === 'host';
