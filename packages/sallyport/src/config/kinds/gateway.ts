import { port, serverTls } from './parts.ts';
import { labels, list, message, text, texts } from './shape.ts';

/** networking.istio.io Gateway (spec/istio.md 4.12). */
export const gateway = message({
  servers: list(message({ port, bind: text, hosts: texts, tls: serverTls, defaultEndpoint: text, name: text })),
  selector: labels,
});
