import type { MessageInitShape } from '@bufbuild/protobuf';
import type { Any } from '@bufbuild/protobuf/wkt';
import { type FaultAbortSchema, type FaultDelaySchema, HTTPFaultSchema } from '@sallyport/apis/http';
import type { HttpFault } from '../../model/index.ts';
import { anyOf, durationOf } from '../encode.ts';
import { perHundred, perMillion } from './percent.ts';
import { statusForEnvoy } from './status.ts';

const GRPC_STATUS = [
  'OK',
  'CANCELLED',
  'UNKNOWN',
  'INVALID_ARGUMENT',
  'DEADLINE_EXCEEDED',
  'NOT_FOUND',
  'ALREADY_EXISTS',
  'PERMISSION_DENIED',
  'RESOURCE_EXHAUSTED',
  'FAILED_PRECONDITION',
  'ABORTED',
  'OUT_OF_RANGE',
  'UNIMPLEMENTED',
  'INTERNAL',
  'UNAVAILABLE',
  'DATA_LOSS',
  'UNAUTHENTICATED',
];

/**
 * Delays and aborts of one route, for the fault filter; undefined if it has neither. Without a percentage they never
 * happen, but are written (spec/istio.md 10.2).
 */
export function faultPerRoute(fault: HttpFault): Any | undefined {
  const delay = delayOf(fault.delay);
  const abort = abortOf(fault.abort);
  if (delay === undefined && abort === undefined) return undefined;
  return anyOf(HTTPFaultSchema, { ...(delay && { delay }), ...(abort && { abort }) });
}

function delayOf(delay: HttpFault['delay']): MessageInitShape<typeof FaultDelaySchema> | undefined {
  const value = durationOf(delay?.fixedDelay);
  if (delay === undefined || value === undefined) return undefined;
  const percentage = delay.percentage === undefined ? perHundred(delay.percent ?? 0) : perMillion(delay.percentage);
  return { percentage, faultDelaySecifier: { case: 'fixedDelay', value } };
}

function abortOf(abort: HttpFault['abort']): MessageInitShape<typeof FaultAbortSchema> | undefined {
  if (abort === undefined) return undefined;
  const percentage = abort.percentage && { percentage: perMillion(abort.percentage) };
  if (abort.httpStatus !== undefined)
    return { ...percentage, errorType: { case: 'httpStatus', value: statusForEnvoy(abort.httpStatus) } };
  if (abort.grpcStatus === undefined) return undefined;
  const value = Math.max(0, GRPC_STATUS.indexOf(abort.grpcStatus));
  return { ...percentage, errorType: { case: 'grpcStatus', value } };
}
