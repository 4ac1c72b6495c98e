import { Counter, Gauge, Registry } from '@prometheus-io/client';

/** One number of the control plane. Counters only grow; the value is read when somebody asks. */
export interface Metric {
  readonly name: string;
  readonly help: string;
  readonly kind: 'counter' | 'gauge';
  readonly value: () => number;
}

/** Prometheus text of these metrics. */
export function metricsText(metrics: readonly Metric[]): () => Promise<string> {
  const registry = new Registry();
  for (const { name, help, kind, value } of metrics) {
    const options = { name, help, registers: [registry] };
    if (kind === 'gauge') {
      new Gauge({
        ...options,
        collect() {
          this.set(value());
        },
      });
    } else {
      new Counter({
        ...options,
        collect() {
          this.reset();
          this.inc(value());
        },
      });
    }
  }
  return () => registry.metrics();
}
