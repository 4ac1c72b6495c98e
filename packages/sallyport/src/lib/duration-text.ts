const UNITS: readonly (readonly [name: string, nanoseconds: bigint])[] = [
  ['s', 1_000_000_000n],
  ['ms', 1_000_000n],
  ['µs', 1_000n],
  ['ns', 1n],
];

/**
 * A duration as Go prints it: `0s`, `300ms`, `1.5s`, `1m30s`, `2h0m0s`. Takes seconds and nanoseconds of the same sign,
 * the shape of google.protobuf.Duration.
 */
export function durationText({ seconds, nanos }: { readonly seconds: bigint; readonly nanos: number }): string {
  const total = seconds * 1_000_000_000n + BigInt(nanos);
  if (total === 0n) return '0s';
  const size = total < 0n ? -total : total;
  const sign = total < 0n ? '-' : '';
  if (size < 1_000_000_000n) {
    const [name, unit] = UNITS.find(([, u]) => size >= u)!;
    return `${sign}${decimal(size, unit)}${name}`;
  }
  const minutes = size / 60_000_000_000n;
  const rest = `${decimal(size % 60_000_000_000n, 1_000_000_000n)}s`;
  if (minutes === 0n) return `${sign}${rest}`;
  if (minutes < 60n) return `${sign}${minutes}m${rest}`;
  return `${sign}${minutes / 60n}h${minutes % 60n}m${rest}`;
}

function decimal(value: bigint, unit: bigint): string {
  const fraction = String(value % unit)
    .padStart(String(unit).length - 1, '0')
    .replace(/0+$/, '');
  return fraction === '' || unit === 1n ? String(value / unit) : `${value / unit}.${fraction}`;
}
