// The HTTP connection manager and HTTP filters. Envoy calls many of them just Config or RBAC; here they bear the filter’s name.

export * from './gen/envoy/extensions/common/ratelimit/v3/ratelimit_pb.js';
export * from './gen/envoy/extensions/filters/common/fault/v3/fault_pb.js';
export * from './gen/envoy/extensions/filters/http/buffer/v3/buffer_pb.js';
export {
  type Cors,
  type CorsPolicy as CorsPerRoute,
  CorsPolicySchema as CorsPerRouteSchema,
  CorsSchema,
} from './gen/envoy/extensions/filters/http/cors/v3/cors_pb.js';
export * from './gen/envoy/extensions/filters/http/credential_injector/v3/credential_injector_pb.js';
export {
  type FilterConfig as DynamicForwardProxy,
  FilterConfigSchema as DynamicForwardProxySchema,
  type PerRouteConfig as DynamicForwardProxyPerRoute,
  PerRouteConfigSchema as DynamicForwardProxyPerRouteSchema,
  type SubClusterConfig as DynamicForwardProxySubCluster,
  SubClusterConfigSchema as DynamicForwardProxySubClusterSchema,
} from './gen/envoy/extensions/filters/http/dynamic_forward_proxy/v3/dynamic_forward_proxy_pb.js';
export {
  type AuthorizationRequest,
  AuthorizationRequestSchema,
  type AuthorizationResponse,
  AuthorizationResponseSchema,
  type BufferSettings as ExtAuthzBufferSettings,
  BufferSettingsSchema as ExtAuthzBufferSettingsSchema,
  type CheckSettings as ExtAuthzCheckSettings,
  CheckSettingsSchema as ExtAuthzCheckSettingsSchema,
  type ExtAuthz,
  type ExtAuthzPerRoute,
  ExtAuthzPerRouteSchema,
  ExtAuthzSchema,
  type HttpService as ExtAuthzHttpService,
  HttpServiceSchema as ExtAuthzHttpServiceSchema,
} from './gen/envoy/extensions/filters/http/ext_authz/v3/ext_authz_pb.js';
export * from './gen/envoy/extensions/filters/http/fault/v3/fault_pb.js';
export {
  type FilterConfig as GrpcStats,
  FilterConfigSchema as GrpcStatsSchema,
  type FilterObject as GrpcStatsObject,
  FilterObjectSchema as GrpcStatsObjectSchema,
} from './gen/envoy/extensions/filters/http/grpc_stats/v3/config_pb.js';
export * from './gen/envoy/extensions/filters/http/grpc_web/v3/grpc_web_pb.js';
export {
  type HeaderMutation as HeaderMutationFilter,
  type HeaderMutationPerRoute,
  HeaderMutationPerRouteSchema,
  HeaderMutationSchema as HeaderMutationFilterSchema,
  type Mutations as HeaderMutations,
  MutationsSchema as HeaderMutationsSchema,
} from './gen/envoy/extensions/filters/http/header_mutation/v3/header_mutation_pb.js';
export {
  type Config as HeaderToMetadata,
  type Config_KeyValuePair as HeaderToMetadata_KeyValuePair,
  Config_KeyValuePairSchema as HeaderToMetadata_KeyValuePairSchema,
  type Config_Rule as HeaderToMetadata_Rule,
  Config_RuleSchema as HeaderToMetadata_RuleSchema,
  Config_ValueEncode as HeaderToMetadata_ValueEncode,
  Config_ValueType as HeaderToMetadata_ValueType,
  ConfigSchema as HeaderToMetadataSchema,
} from './gen/envoy/extensions/filters/http/header_to_metadata/v3/header_to_metadata_pb.js';
export {
  type HealthCheck as HealthCheckFilter,
  HealthCheckSchema as HealthCheckFilterSchema,
} from './gen/envoy/extensions/filters/http/health_check/v3/health_check_pb.js';
export {
  type ExtractOnlyWithoutValidation,
  ExtractOnlyWithoutValidationSchema,
  type FilterStateRule,
  FilterStateRuleSchema,
  type JwksAsyncFetch,
  JwksAsyncFetchSchema,
  type JwtAuthentication,
  JwtAuthenticationSchema,
  type JwtCacheConfig,
  JwtCacheConfigSchema,
  type JwtClaimToHeader,
  type JwtClaimToHeader_PathSegment,
  JwtClaimToHeader_PathSegmentSchema,
  JwtClaimToHeaderSchema,
  type JwtHeader,
  JwtHeaderSchema,
  type JwtProvider,
  type JwtProvider_NormalizePayload,
  JwtProvider_NormalizePayloadSchema,
  JwtProviderSchema,
  type JwtRequirement,
  type JwtRequirementAndList,
  JwtRequirementAndListSchema,
  type JwtRequirementOrList,
  JwtRequirementOrListSchema,
  JwtRequirementSchema,
  type PerRouteConfig as JwtPerRoute,
  PerRouteConfigSchema as JwtPerRouteSchema,
  type ProviderWithAudiences,
  ProviderWithAudiencesSchema,
  type RemoteJwks,
  RemoteJwksSchema,
  type RequirementRule,
  RequirementRuleSchema,
} from './gen/envoy/extensions/filters/http/jwt_authn/v3/config_pb.js';
export {
  type LocalRateLimit as HttpLocalRateLimit,
  LocalRateLimitSchema as HttpLocalRateLimitSchema,
} from './gen/envoy/extensions/filters/http/local_ratelimit/v3/local_rate_limit_pb.js';
export * from './gen/envoy/extensions/filters/http/lua/v3/lua_pb.js';
export {
  type OnDemand,
  type OnDemandCds,
  OnDemandCdsSchema,
  OnDemandSchema,
  type PerRouteConfig as OnDemandPerRoute,
  PerRouteConfigSchema as OnDemandPerRouteSchema,
} from './gen/envoy/extensions/filters/http/on_demand/v3/on_demand_pb.js';
export {
  type RBAC as HttpRBAC,
  type RBACPerRoute as HttpRBACPerRoute,
  RBACPerRouteSchema as HttpRBACPerRouteSchema,
  RBACSchema as HttpRBACSchema,
} from './gen/envoy/extensions/filters/http/rbac/v3/rbac_pb.js';
export * from './gen/envoy/extensions/filters/http/router/v3/router_pb.js';
export {
  type Config as HttpSetFilterState,
  ConfigSchema as HttpSetFilterStateSchema,
} from './gen/envoy/extensions/filters/http/set_filter_state/v3/set_filter_state_pb.js';
export * from './gen/envoy/extensions/filters/http/stateful_session/v3/stateful_session_pb.js';
export * from './gen/envoy/extensions/filters/http/upstream_codec/v3/upstream_codec_pb.js';
export * from './gen/envoy/extensions/filters/network/http_connection_manager/v3/http_connection_manager_pb.js';
export * from './gen/envoy/extensions/http/header_formatters/preserve_case/v3/preserve_case_pb.js';
export {
  type Generic as GenericCredential,
  GenericSchema as GenericCredentialSchema,
} from './gen/envoy/extensions/http/injected_credentials/generic/v3/generic_pb.js';
export {
  type OAuth2 as OAuth2Credential,
  OAuth2_AuthType as OAuth2Credential_AuthType,
  type OAuth2_ClientCredentials as OAuth2Credential_ClientCredentials,
  OAuth2_ClientCredentialsSchema as OAuth2Credential_ClientCredentialsSchema,
  type OAuth2_EndpointParameter as OAuth2Credential_EndpointParameter,
  OAuth2_EndpointParameterSchema as OAuth2Credential_EndpointParameterSchema,
  OAuth2Schema as OAuth2CredentialSchema,
} from './gen/envoy/extensions/http/injected_credentials/oauth2/v3/oauth2_pb.js';
export * from './gen/envoy/extensions/http/original_ip_detection/xff/v3/xff_pb.js';
export * from './gen/envoy/extensions/http/stateful_session/cookie/v3/cookie_pb.js';
export * from './gen/envoy/extensions/http/stateful_session/header/v3/header_pb.js';
export * from './gen/envoy/extensions/request_id/uuid/v3/uuid_pb.js';
