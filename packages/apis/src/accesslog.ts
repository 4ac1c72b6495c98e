// Access logs: where to, when, in which format, and the entries of the gRPC service.
export * from './gen/envoy/config/accesslog/v3/accesslog_pb.js';
export * from './gen/envoy/data/accesslog/v3/accesslog_pb.js';
export * from './gen/envoy/extensions/access_loggers/file/v3/file_pb.js';
export { type ExpressionFilter, ExpressionFilterSchema } from './gen/envoy/extensions/access_loggers/filters/cel/v3/cel_pb.js';
export * from './gen/envoy/extensions/access_loggers/grpc/v3/als_pb.js';
export * from './gen/envoy/extensions/access_loggers/stream/v3/stream_pb.js';
export { type Cel as CelFormatter, CelSchema as CelFormatterSchema } from './gen/envoy/extensions/formatter/cel/v3/cel_pb.js';
export {
  type Metadata as MetadataFormatter,
  MetadataSchema as MetadataFormatterSchema,
} from './gen/envoy/extensions/formatter/metadata/v3/metadata_pb.js';
export {
  type ReqWithoutQuery as ReqWithoutQueryFormatter,
  ReqWithoutQuerySchema as ReqWithoutQueryFormatterSchema,
} from './gen/envoy/extensions/formatter/req_without_query/v3/req_without_query_pb.js';
export * from './gen/envoy/service/accesslog/v3/als_pb.js';
