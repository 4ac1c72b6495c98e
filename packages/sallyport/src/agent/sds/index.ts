import type { Rights } from '../proxy/launch.ts';
import type { LogLevel } from '../proxy/log-line.ts';
import { followFiles } from './files.ts';
import { certificateOf, rootsOf } from './material.ts';
import { MESH_ROOTS, parseName, WORKLOAD } from './names.ts';
import { type Credentials, keepRenewed } from './renewal.ts';
import { type Keep, SecretTable } from './secret-table.ts';
import { listenForSecrets } from './server.ts';
import { bundledRoots, systemBundle } from './system-roots.ts';

export type { Credentials } from './renewal.ts';

export interface SecretsOptions {
  /** Unix socket; the bootstrap's cluster `sds-grpc` leads there. */
  readonly path: string;
  readonly rights: Rights;
  /** Without them nobody can sign for the workload: `default` and `ROOTCA` are not served. */
  readonly credentials?: Credentials;
  readonly log: (level: LogLevel, message: string) => void;
}

/** Serves Envoy the workload's certificate, the roots, and files beside it, and keeps all of them up to date. */
export async function serveSecrets(options: SecretsOptions): Promise<{ close(): Promise<void> }> {
  const { path, rights, credentials, log } = options;
  const table = new SecretTable(keepUp(credentials !== undefined, log));
  const server = await listenForSecrets({
    path,
    table,
    say: (message) => log('warning', message),
    ...(rights.kind === 'user' && { owner: rights }),
  });
  const stop = new AbortController();
  const renewing =
    credentials &&
    keepRenewed(
      {
        credentials,
        log,
        put: (certificate, roots) => {
          // Roots first: a peer with a certificate of a new root must be believed before we show ours.
          table.put(MESH_ROOTS, roots);
          table.put(WORKLOAD, certificate);
        },
      },
      stop.signal,
    );
  return {
    close: async () => {
      stop.abort();
      await server.close();
      // A signer that never answers must not hold up the end.
      void renewing;
    },
  };
}

function keepUp(hasIdentity: boolean, log: SecretsOptions['log']): Keep {
  const say = (message: string): void => log('warning', message);
  return (name, put) => {
    const wanted = parseName(name);
    switch (wanted?.kind) {
      case undefined:
        say(`Envoy asks for the secret ${JSON.stringify(name)}, which the agent does not know; it waits`);
        return undefined;
      case 'workload':
      case 'mesh-roots':
        if (!hasIdentity) say(`Envoy asks for the secret ${name}, but nobody signs for this workload; it waits`);
        return undefined;
      case 'certificate-files': {
        const paths = [wanted.certificate, wanted.key];
        return followFiles({ paths, read: ([chain = '', key = '']) => certificateOf(chain, key), put, log: say });
      }
      case 'root-file':
        return followFiles({ paths: [wanted.path], read: ([text = '']) => rootsOf(text), put, log: say });
      case 'system-roots': {
        const bundle = systemBundle();
        if (bundle !== undefined) return followFiles({ paths: [bundle], read: ([text = '']) => rootsOf(text), put, log: say });
        say('this system has no file of roots; those of Mozilla that come with Node are used');
        put(rootsOf(bundledRoots()));
        return undefined;
      }
    }
  };
}
