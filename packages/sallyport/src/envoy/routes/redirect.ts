import type { MessageInitShape } from '@bufbuild/protobuf';
import { RedirectAction_RedirectResponseCode as Code, type RedirectActionSchema } from '@sallyport/apis/route';
import { type HttpRedirect, withoutLineBreaks } from '../../model/index.ts';

const CODES: Readonly<Record<number, Code>> = {
  0: Code.MOVED_PERMANENTLY,
  301: Code.MOVED_PERMANENTLY,
  302: Code.FOUND,
  303: Code.SEE_OTHER,
  307: Code.TEMPORARY_REDIRECT,
  308: Code.PERMANENT_REDIRECT,
};

/** Whether Envoy can redirect with this code; validation lets every 3xx pass. */
export function isRedirectCode(code: number): boolean {
  return CODES[code] !== undefined;
}

/** Envoy's redirect (spec/istio.md 4.7). `listenPort`: the port a request came in on; `overTls`: by https. */
export function redirectAction(
  redirect: HttpRedirect,
  listenPort: number,
  overTls = false,
): MessageInitShape<typeof RedirectActionSchema> {
  return {
    hostRedirect: withoutLineBreaks(redirect.authority ?? ''),
    pathRewriteSpecifier:
      redirect.prefixRewrite !== undefined
        ? { case: 'prefixRewrite', value: withoutLineBreaks(redirect.prefixRewrite) }
        : { case: 'pathRedirect', value: withoutLineBreaks(redirect.uri ?? '') },
    ...(redirect.scheme && { schemeRewriteSpecifier: { case: 'schemeRedirect', value: redirect.scheme } }),
    portRedirect: portOf(redirect, listenPort, overTls),
    responseCode: CODES[redirect.redirectCode ?? 0] ?? Code.MOVED_PERMANENTLY,
  };
}

/** 0 where the scheme says it already. */
function portOf(redirect: HttpRedirect, listenPort: number, overTls: boolean): number {
  const port = redirect.derivePort === 'FROM_REQUEST_PORT' ? listenPort : (redirect.port ?? 0);
  const scheme = redirect.scheme || (overTls ? 'https' : 'http');
  return (port === 80 && scheme === 'http') || (port === 443 && scheme === 'https') ? 0 : port;
}
