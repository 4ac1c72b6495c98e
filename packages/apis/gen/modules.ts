/**
 * Where Envoy's descriptors come from. Envoy's own repository holds only `.proto` sources, which need protoc; these Go
 * modules carry the compiled descriptors, and the first one is tagged with Envoy's own version.
 *
 * The versions of the others are those in the `go.mod` of the first. To raise the version: change it here, run `npm run gen`,
 * put the sums it complains about here, run it again, then the drift test against the new binary.
 */
export interface Module {
  readonly path: string;
  readonly version: string;
  /** Go's hash of the unpacked module, the `h1:` of a go.sum file. */
  readonly sum: string;
}

export const modules: readonly Module[] = [
  {
    path: 'github.com/envoyproxy/go-control-plane/envoy',
    version: 'v1.40.0',
    sum: 'h1:G4dcl8KE/HVPnZ25BBdvGZWi8JjyeBfQSvm95U5P1Qc=',
  },
  {
    path: 'github.com/cncf/xds/go',
    version: 'v0.0.0-20260202195803-dba9d589def2',
    sum: 'h1:aBangftG7EVZoUb69Os8IaYg++6uMOdKK83QtkkvJik=',
  },
  {
    path: 'github.com/envoyproxy/protoc-gen-validate',
    version: 'v1.3.3',
    sum: 'h1:MVQghNeW+LZcmXe7SY1V36Z+WFMDjpqGAGacLe2T0ds=',
  },
  {
    path: 'google.golang.org/genproto/googleapis/api',
    version: 'v0.0.0-20260720211330-0afa2a65878a',
    sum: 'h1:97PfJ4tCxY5C7NzzgGqQEMZmXbISdvSArNNEOoUGKBg=',
  },
  {
    path: 'google.golang.org/genproto/googleapis/rpc',
    version: 'v0.0.0-20260720211330-0afa2a65878a',
    sum: 'h1:qI/YMH1ep2qQtqcp00gMQyoU7mjvbhg88GJKCvfoLj0=',
  },
  {
    path: 'cel.dev/expr',
    version: 'v0.25.2',
    sum: 'h1:K6j46C81hXtZQfuX60cVWQFBJahKSE2gfRbNuvr5bFs=',
  },
];
