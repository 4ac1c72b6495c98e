import { typeUrl } from '@sallyport/apis/type-urls';
import type { Resource, ResourceType } from '../model/index.ts';

/** How a resource type is spelled on the wire. Inside this folder types go by their URL, so that unknown ones need no special case. */
export const urlOf: Readonly<Record<ResourceType, string>> = {
  cluster: typeUrl.cluster,
  endpoints: typeUrl.endpoints,
  listener: typeUrl.listener,
  route: typeUrl.route,
  secret: typeUrl.secret,
  nameTable: typeUrl.nameTable,
  nameRow: typeUrl.nameRow,
};

const byUrl = new Map(Object.entries(urlOf).map(([type, url]) => [url, type as ResourceType]));

/** The type behind a URL, or undefined when it is none that we make. */
export const typeOf = (url: string): ResourceType | undefined => byUrl.get(url);

/** A resource whose present version the proxies of a class refuse, and no earlier version is at hand: what a proxy has stays. */
export const WITHHELD = 'withheld';

/** What one class of proxies is to have now. */
export interface Shelves {
  lookup(url: string, name: string): Resource | typeof WITHHELD | undefined;
  /** All names of one type. The array is shared: it is replaced, never changed. */
  names(url: string): readonly string[];
  /** What stands in for a name that was asked for and is not there; undefined: the proxy is told that there is none. */
  placeholder?(url: string, name: string): Resource | undefined;
}
