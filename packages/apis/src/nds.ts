import { create, createFileRegistry, type Message } from '@bufbuild/protobuf';
import type { GenMessage } from '@bufbuild/protobuf/codegenv2';
import {
  FileDescriptorProtoSchema,
  FieldDescriptorProto_Label as Label,
  FieldDescriptorProto_Type as Type,
} from '@bufbuild/protobuf/wkt';

/**
 * Istio's table of names, which the agent's DNS proxy answers from. It is five fields; a dependency on Istio's API for them
 * would be out of proportion.
 */
export type NameTable = Message<'istio.networking.nds.v1.NameTable'> & {
  table: { [host: string]: NameInfo };
};

export type NameInfo = Message<'istio.networking.nds.v1.NameTable.NameInfo'> & {
  ips: string[];
  registry: string;
  shortname: string;
  namespace: string;
  /** @deprecated No longer written by Istio; agents understand it still. */
  altHosts: string[];
};

const packageName = 'istio.networking.nds.v1';
const strings = { type: Type.STRING, label: Label.REPEATED };
const string = { type: Type.STRING, label: Label.OPTIONAL };
const type = (name: string) => ({ type: Type.MESSAGE, typeName: `.${packageName}.NameTable.${name}` });

/** protoc would add the JSON names; nobody does it for a descriptor made by hand, and without them toJson writes empty keys. */
const field = (number: number, name: string, jsonName: string, what: { type: Type; label: Label; typeName?: string }) => ({
  number,
  name,
  jsonName,
  ...what,
});

const file = createFileRegistry(
  create(FileDescriptorProtoSchema, {
    name: 'dns/nds.proto',
    package: packageName,
    syntax: 'proto3',
    messageType: [
      {
        name: 'NameTable',
        field: [field(1, 'table', 'table', { ...type('TableEntry'), label: Label.REPEATED })],
        nestedType: [
          {
            name: 'NameInfo',
            field: [
              field(1, 'ips', 'ips', strings),
              field(2, 'registry', 'registry', string),
              field(3, 'shortname', 'shortname', string),
              field(4, 'namespace', 'namespace', string),
              field(5, 'alt_hosts', 'altHosts', strings),
            ],
          },
          {
            name: 'TableEntry',
            options: { mapEntry: true },
            field: [field(1, 'key', 'key', string), field(2, 'value', 'value', { ...type('NameInfo'), label: Label.OPTIONAL })],
          },
        ],
      },
    ],
  }),
  () => undefined,
);

export const NameTableSchema = file.getMessage(`${packageName}.NameTable`) as GenMessage<NameTable>;
export const NameInfoSchema = file.getMessage(`${packageName}.NameTable.NameInfo`) as GenMessage<NameInfo>;
