import type { GenFile } from '@bufbuild/protobuf/codegenv2';

export declare const files: readonly GenFile[];
