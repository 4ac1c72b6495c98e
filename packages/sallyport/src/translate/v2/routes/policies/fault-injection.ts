import type { FaultInjectionPolicySpec } from '../../../../model/index.ts';
import type { Effect } from './effect.ts';

/** Without a percentage every request is meant; the number is written, as Gloo does (spec/gloo.md 2.6, 2.9). */
const ALL = 100;

export function faultInjection({ config }: FaultInjectionPolicySpec): Effect {
  const { delay, abort } = config ?? {};
  return {
    fields: {
      fault: {
        ...(delay !== undefined && {
          delay: {
            ...(delay.fixedDelay !== undefined && { fixedDelay: delay.fixedDelay }),
            percentage: { value: delay.percentage ?? ALL },
          },
        }),
        ...(abort !== undefined && {
          abort: {
            ...(abort.httpStatus !== undefined && { httpStatus: abort.httpStatus }),
            percentage: { value: abort.percentage ?? ALL },
          },
        }),
      },
    },
    from: { fault: ['config'] },
  };
}
