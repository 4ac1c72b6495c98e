// Conditions: strings, metadata, and the matching trees. What xDS and Envoy both define has Envoy’s under the plain name, except
// the tree itself, whose xDS form is the one in use.

export {
  type HttpGenericBodyMatch,
  type HttpGenericBodyMatch_GenericTextMatch,
  HttpGenericBodyMatch_GenericTextMatchSchema,
  HttpGenericBodyMatchSchema,
  type HttpHeadersMatch,
  HttpHeadersMatchSchema,
  type Matcher as EnvoyMatcher,
  MatcherSchema as EnvoyMatcherSchema,
  type MatchPredicate,
  type MatchPredicate_MatchSet,
  MatchPredicate_MatchSetSchema,
  MatchPredicateSchema,
} from './gen/envoy/config/common/matcher/v3/matcher_pb.js';
export * from './gen/envoy/extensions/common/matching/v3/extension_matcher_pb.js';
export * from './gen/envoy/extensions/matching/common_inputs/network/v3/network_inputs_pb.js';
export * from './gen/envoy/extensions/matching/common_inputs/ssl/v3/ssl_inputs_pb.js';
export {
  type Ip as IpInputMatcher,
  IpSchema as IpInputMatcherSchema,
} from './gen/envoy/extensions/matching/input_matchers/ip/v3/ip_pb.js';
export * from './gen/envoy/type/matcher/v3/address_pb.js';
export * from './gen/envoy/type/matcher/v3/filter_state_pb.js';
export * from './gen/envoy/type/matcher/v3/http_inputs_pb.js';
export * from './gen/envoy/type/matcher/v3/metadata_pb.js';
export * from './gen/envoy/type/matcher/v3/node_pb.js';
export * from './gen/envoy/type/matcher/v3/number_pb.js';
export * from './gen/envoy/type/matcher/v3/path_pb.js';
export * from './gen/envoy/type/matcher/v3/regex_pb.js';
export * from './gen/envoy/type/matcher/v3/status_code_input_pb.js';
export * from './gen/envoy/type/matcher/v3/string_pb.js';
export * from './gen/envoy/type/matcher/v3/struct_pb.js';
export * from './gen/envoy/type/matcher/v3/value_pb.js';
export * from './gen/envoy/type/metadata/v3/metadata_pb.js';
export { type CidrRange as XdsCidrRange, CidrRangeSchema as XdsCidrRangeSchema } from './gen/xds/core/v3/cidr_pb.js';
export {
  type TypedExtensionConfig as XdsTypedExtensionConfig,
  TypedExtensionConfigSchema as XdsTypedExtensionConfigSchema,
} from './gen/xds/core/v3/extension_pb.js';
export * from './gen/xds/type/matcher/v3/cel_pb.js';
export * from './gen/xds/type/matcher/v3/domain_pb.js';
export * from './gen/xds/type/matcher/v3/http_inputs_pb.js';
export * from './gen/xds/type/matcher/v3/ip_pb.js';
export * from './gen/xds/type/matcher/v3/matcher_pb.js';
export * from './gen/xds/type/matcher/v3/range_pb.js';
export {
  type RegexMatcher as XdsRegexMatcher,
  type RegexMatcher_GoogleRE2 as XdsRegexMatcher_GoogleRE2,
  RegexMatcher_GoogleRE2Schema as XdsRegexMatcher_GoogleRE2Schema,
  RegexMatcherSchema as XdsRegexMatcherSchema,
} from './gen/xds/type/matcher/v3/regex_pb.js';
export {
  type ListStringMatcher as XdsListStringMatcher,
  ListStringMatcherSchema as XdsListStringMatcherSchema,
  type StringMatcher as XdsStringMatcher,
  StringMatcherSchema as XdsStringMatcherSchema,
} from './gen/xds/type/matcher/v3/string_pb.js';
export * from './gen/xds/type/v3/cel_pb.js';
export {
  type DoubleRange as XdsDoubleRange,
  DoubleRangeSchema as XdsDoubleRangeSchema,
  type Int32Range as XdsInt32Range,
  Int32RangeSchema as XdsInt32RangeSchema,
  type Int64Range as XdsInt64Range,
  Int64RangeSchema as XdsInt64RangeSchema,
} from './gen/xds/type/v3/range_pb.js';
