import { createRegistry, type Registry } from '@bufbuild/protobuf';
import { files } from './gen/files.js';
import { NameInfoSchema, NameTableSchema } from './nds.ts';

let made: Registry | undefined;

/**
 * Every message in this package, for what must look into an `Any`: `toJson(Schema, message, { registry: registry() })`.
 * Only such code should import this module, because it loads all there is.
 */
export function registry(): Registry {
  made ??= createRegistry(...files, NameTableSchema, NameInfoSchema);
  return made;
}
