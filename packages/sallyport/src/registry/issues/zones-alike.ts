/** Envoy spreads calls over zones by how many proxies stand in each, which it learns from a cluster of its own kind in its bootstrap. */
export const ZONES_ALIKE =
  'regions are told apart, the zones of a region are not: our agents do not tell Envoy how many proxies stand in each zone';
export const PREFER_ZONES = 'use localityLbSetting to prefer the own zone';
