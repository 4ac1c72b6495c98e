/** Validation accepts 600, Envoy refuses it, and with it the routes of all hosts (spec/istio.md 2.7). `unsupported.ts` tells the user. */
export function statusForEnvoy(status: number): number {
  return Math.min(status, 599);
}
