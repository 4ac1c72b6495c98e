import type { MessageInitShape } from '@bufbuild/protobuf';
import { FractionalPercent_DenominatorType as Denominator, type FractionalPercentSchema } from '@sallyport/apis/core';
import type { Percent } from '../../model/index.ts';

type FractionShape = MessageInitShape<typeof FractionalPercentSchema>;

/** A percentage with up to four decimals. */
export function perMillion(percent: Percent): FractionShape {
  // Rounded: a percentage such as 0.0003 has no exact binary form, and cutting it off would lose a millionth.
  return { numerator: Math.round((percent.value ?? 0) * 10_000), denominator: Denominator.MILLION };
}

/** A whole percentage. */
export function perHundred(percent: number): FractionShape {
  return { numerator: percent, denominator: Denominator.HUNDRED };
}
