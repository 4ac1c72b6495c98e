import type { SignReply, SignRequest } from '../admin/api.ts';
import { type Authority, spiffeId } from '../ca/index.ts';
import { openAuthority } from '../ca/store.ts';
import { SallyportError } from '../lib/error.ts';

/** How long a certificate is valid; the agent renews it well before. */
const LIFETIME_MS = 24 * 3600 * 1000;
const LONGEST_CSR = 16 * 1024;

/**
 * Signs for whoever reached the admin socket, which its owner alone can open: that is the whole proof of identity here
 * (docs/decisions/0010-local-identity.md). The root is made, or read from `folder`, for the first who asks.
 */
export function localAuthority(folder: string, trustDomain: () => string): (request: SignRequest) => Promise<SignReply> {
  let opened: { readonly trustDomain: string; readonly authority: Promise<Authority> } | undefined;
  const authorityFor = (wanted: string): Promise<Authority> => {
    if (opened?.trustDomain !== wanted) {
      const authority = openAuthority(folder, wanted, Date.now);
      const attempt = { trustDomain: wanted, authority };
      opened = attempt;
      // A folder that has been mended is read again.
      authority.catch(() => {
        if (opened === attempt) opened = undefined;
      });
    }
    return opened.authority;
  };
  return async (request) => {
    const { namespace, serviceAccount, csr } = request;
    if (![namespace, serviceAccount, csr].every((field) => typeof field === 'string') || csr.length > LONGEST_CSR)
      throw new SallyportError(
        'USAGE',
        'a certificate is asked for with {"namespace", "serviceAccount", "csr"}, the last in PEM',
      );
    const identity = { trustDomain: trustDomain(), namespace, serviceAccount };
    const authority = await authorityFor(identity.trustDomain);
    const reply = await authority.issue({ identity, csr, lifetimeMs: LIFETIME_MS });
    if ('fault' in reply) throw new SallyportError('USAGE', `no certificate for ${spiffeId(identity)}: ${reply.fault}`);
    return { chain: reply.chain, roots: reply.roots };
  };
}
