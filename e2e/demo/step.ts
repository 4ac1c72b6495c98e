/** One of the texts, gone through as its reader would. */
export interface Text {
  readonly id: string;
  readonly title: string;
  readonly steps: readonly Step[];
  /** What the text promises and is not shown, with the reason. */
  readonly notYetShown: readonly string[];
}

export type Step = (ChangeStep | TranslateStep | CallStep | LookupStep) & {
  readonly title: string;
  /** Why it happens so, for people. */
  readonly why: string;
  /** The reason why it cannot be shown without capture; in mode proxy the step is listed with it instead. */
  readonly needsCapture?: string;
};

/** `sallyport apply` or `sallyport delete` of files as they are. */
export interface ChangeStep {
  readonly kind: 'apply' | 'delete';
  readonly namespace: string;
  /** Below `examples/`. */
  readonly files?: readonly string[];
  /** Instead of files, for `delete`. */
  readonly object?: NamedObject;
  /** Between the texts; not worth more than a line. */
  readonly isTidying?: boolean;
  readonly expect: {
    /** Exit code of the command: 1 when an object was refused. */
    readonly code: 0 | 1;
    /** Codes of the findings, sorted. */
    readonly issues: readonly string[];
  };
}

export interface NamedObject {
  readonly kind: string;
  readonly name: string;
}

/** `sallyport translate` of files as they are. */
export interface TranslateStep {
  readonly kind: 'translate';
  readonly namespace: string;
  /** Below `examples/`. */
  readonly files: readonly string[];
  readonly expect: {
    /** A file below `examples/` with the same objects, whatever the style of their YAML. */
    readonly printed: string;
  };
}

/** A call from inside the workload. */
export interface CallStep {
  readonly kind: 'call';
  readonly program: Program;
  readonly expect: CallOutcome;
  /** What differs when a forward proxy makes the call. */
  readonly inProxyMode?: Partial<CallOutcome>;
}

export type Program =
  /** `curl ARGS`; `calls` is how many transfers its URL asks for. */
  | { readonly tool: 'curl'; readonly args: readonly string[]; readonly calls?: number }
  /** Connects, reads the greeting and hangs up, several times. */
  | { readonly tool: 'tcp'; readonly host: string; readonly port: number; readonly calls: number };

export interface CallOutcome {
  /** HTTP status of every transfer; absent when there is none. */
  readonly status?: number;
  /** Exit codes of curl, one of which it is. Default: 0. */
  readonly exits?: readonly number[];
  /** Who answered how often: at least, at most. Nobody else may have. */
  readonly servers?: Readonly<Record<string, readonly [least: number, most: number]>>;
  /** The path that whoever answered was asked for, each time. */
  readonly paths?: RegExp;
  /** All the addresses at which it was answered. */
  readonly addresses?: readonly string[];
  /** Whose certificate the TLS peer showed and the application checked. */
  readonly peer?: string;
  /** What Envoy's access log says: each record is one of these, and each of these is there. */
  readonly access: readonly AccessExpectation[];
}

export interface AccessExpectation {
  readonly listener?: string;
  readonly route?: string;
  /** null: Envoy answered itself. */
  readonly cluster?: string | null;
  readonly sni?: string;
}

/** `nslookup NAME` from inside the workload. */
export interface LookupStep {
  readonly kind: 'lookup';
  readonly name: string;
  /** Sorted addresses, or none when there is no such name. */
  readonly expect: { readonly addresses: readonly string[] };
}
