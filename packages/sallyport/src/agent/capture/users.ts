/** The user id by which the proxy's packets are told apart when root captures, and its group. Istio's, and so a habit of many machines. */
export const ENVOY_UID = 1337;
/** The mark by which they are told apart without root. */
export const ENVOY_MARK = 1337;
