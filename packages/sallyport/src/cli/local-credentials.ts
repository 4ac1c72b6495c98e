import { adminClient } from '../admin/client.ts';
import type { Credentials } from '../agent/sds/index.ts';
import { SallyportError } from '../lib/error.ts';

export interface LocalWorkload {
  readonly namespace: string;
  readonly serviceAccount: string;
  /** Where the proxy gets its configuration, `HOST:PORT` or `unix:PATH`. */
  readonly xds: string;
}

/**
 * Credentials from the control plane behind this admin socket, or a sentence why there are none: nobody can be reached there, or it
 * is not the control plane that configures the proxy, whose peers would not trust what it signs.
 */
export async function localCredentials(
  admin: string,
  { namespace, serviceAccount, xds }: LocalWorkload,
): Promise<Credentials | { readonly none: string }> {
  const client = adminClient(admin);
  try {
    const status = await client.status();
    if (!status.xds.includes(xds)) return { none: `the control plane at ${admin} is not the one at ${xds}` };
  } catch (error) {
    if (error instanceof SallyportError && error.code === 'UNREACHABLE') return { none: error.message };
    throw error;
  }
  return { request: (csr) => client.sign({ namespace, serviceAccount, csr }) };
}
