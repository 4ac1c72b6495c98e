import { anyUnpack } from '@bufbuild/protobuf/wkt';
import type { FilterChain } from '@sallyport/apis/listener';
import { type DownstreamTlsContext, DownstreamTlsContextSchema } from '@sallyport/apis/tls';
import type { Call } from './call.ts';
import { once } from './once.ts';
import type { TlsStep } from './step.ts';

/** Name of the secret with a workload's own certificate (spec/istio.md 10.5, shape A). */
const WORKLOAD_CERTIFICATE = 'default';

export interface TlsCheck {
  readonly error?: 'TLSError' | 'MTLSError';
  readonly step: TlsStep;
}

/** Whether the handshake of a call succeeds on a chain (conformance/README.md section 2, step 4). */
export function checkTls(chain: FilterChain, call: Pick<Call, 'tls' | 'mtlsSecret'>): TlsCheck {
  const settings = contextOf(chain);
  const terminates = settings !== undefined;
  const workloadMtls = terminates && wantsWorkload(settings, call.mtlsSecret);
  const error = !terminates
    ? undefined
    : call.tls === 'plaintext'
      ? 'TLSError'
      : workloadMtls !== (call.tls === 'mtls')
        ? 'MTLSError'
        : undefined;
  const step = { at: 'tls', call: call.tls, terminates, workloadMtls, ok: error === undefined } as const;
  return error === undefined ? { step } : { error, step };
}

function wantsWorkload(settings: DownstreamTlsContext, mtlsSecret: string): boolean {
  const shown = settings.commonTlsContext?.tlsCertificateSdsSecretConfigs[0]?.name;
  const own = shown !== undefined && shown !== '' && (shown === WORKLOAD_CERTIFICATE || shown === mtlsSecret);
  return settings.requireClientCertificate === true && own;
}

const contextOf = once((chain: FilterChain): DownstreamTlsContext | undefined => {
  const config = chain.transportSocket?.configType;
  return config?.case === 'typedConfig' ? anyUnpack(config.value, DownstreamTlsContextSchema) : undefined;
});
