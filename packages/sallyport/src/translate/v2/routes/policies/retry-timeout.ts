import type { RetryTimeoutPolicySpec } from '../../../../model/index.ts';
import type { Effect } from './effect.ts';

/** Two more tries where the policy does not say how many; 0 switches them off (spec/gloo.md 2.9). */
const ATTEMPTS = 2;

export function retryTimeout({ config }: RetryTimeoutPolicySpec): Effect {
  const { retries, requestTimeout } = config ?? {};
  return {
    fields: {
      ...(requestTimeout !== undefined && { timeout: requestTimeout }),
      ...(retries !== undefined && { retries: { attempts: ATTEMPTS, ...retries } }),
    },
    from: { timeout: ['config', 'requestTimeout'], retries: ['config', 'retries'] },
  };
}
