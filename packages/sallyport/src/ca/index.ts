export { type Authority, createAuthority, type Issued, type IssueRequest, type Refused } from './authority.ts';
export { newSigningRequest, type SigningRequest } from './signing-request.ts';
export { type Identity, parseSpiffeId, spiffeId } from './spiffe.ts';
