/** Larger files are refused before they are read: a configuration that large is an accident. */
export const MAX_FILE_BYTES = 16 * 1024 * 1024;
/** As large as the Kubernetes API server stores an object. */
export const MAX_DOCUMENT_LENGTH = 1024 * 1024;
export const MAX_DEPTH = 200;
export const MAX_ALIASES = 1_000;
/** Values that a document with aliases may stand for once every alias is written out. */
export const MAX_EXPANDED_VALUES = 300_000;
