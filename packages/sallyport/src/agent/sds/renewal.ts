import { X509Certificate } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { newSigningRequest } from '../../ca/index.ts';
import { backOff } from '../proxy/back-off.ts';
import { certificateOf, type Material, rootsOf } from './material.ts';

/** Who signs for this workload. The private key is made here and is not part of what is asked. */
export interface Credentials {
  /** Takes a PKCS #10 request and gives a chain, its leaf first, and the roots to verify others with; all PEM. */
  request(csrPem: string): Promise<{ readonly chain: string; readonly roots: string }>;
}

export interface RenewalOptions {
  readonly credentials: Credentials;
  readonly put: (certificate: Material, roots: Material) => void;
  readonly log: (level: 'info' | 'warning', message: string) => void;
}

/** A machine that slept wakes up with its timers late; nothing is waited for longer than this without looking at the clock. */
const LONGEST_SLEEP_MS = 60_000;

/**
 * Gets a certificate for a new key, and the next one when two thirds of its life are over. Failures are said and tried again with
 * growing pauses; what there is stays in use meanwhile. Ends when the signal aborts.
 */
export async function keepRenewed({ credentials, put, log }: RenewalOptions, signal: AbortSignal): Promise<void> {
  let failures = 0;
  while (!signal.aborted) {
    let next: number;
    try {
      const { certificate, roots, validTo, renewAt } = await renew(credentials);
      if (signal.aborted) return;
      put(certificate, roots);
      log('info', `certificate renewed; valid until ${validTo.toISOString()}`);
      failures = 0;
      next = renewAt;
    } catch (error) {
      failures += 1;
      const delay = backOff(failures, Math.random());
      if (!signal.aborted)
        log('warning', `no new certificate: ${(error as Error).message}; trying again in ${Math.ceil(delay / 1000)} s`);
      next = Date.now() + delay;
    }
    await until(next, signal);
  }
}

async function renew(credentials: Credentials) {
  const asked = Date.now();
  const { keyPem, csrPem } = await newSigningRequest();
  const { chain, roots } = await credentials.request(csrPem);
  const { validToDate: validTo } = new X509Certificate(chain);
  if (validTo.getTime() <= asked) throw new Error(`what was signed ended on ${validTo.toISOString()}; look at the clocks`);
  return {
    certificate: certificateOf(chain, keyPem),
    roots: rootsOf(roots),
    validTo,
    renewAt: renewalTime(asked, validTo.getTime(), Math.random()),
  };
}

/**
 * When to renew what was asked for at `asked` and ends at `end`, in milliseconds since the epoch. `random` in 0..1 takes up to a
 * twentieth of the lifetime off, so that workloads which started together do not renew together. The start that stands in the
 * certificate does not count: it lies before the moment it was made.
 */
export function renewalTime(asked: number, end: number, random: number): number {
  const lifetime = end - asked;
  return asked + lifetime * (2 / 3) - lifetime * 0.05 * random;
}

async function until(time: number, signal: AbortSignal): Promise<void> {
  for (let left = time - Date.now(); left > 0 && !signal.aborted; left = time - Date.now())
    await sleep(Math.min(left, LONGEST_SLEEP_MS), undefined, { signal, ref: false }).catch(() => {});
}
