import { BlockList, isIP } from 'node:net';

/**
 * Link-local addresses: cloud providers answer there with credentials of the machine (169.254.169.254), and a processor may register
 * any address as its health endpoint.
 */
const LINK_LOCAL = new BlockList();
LINK_LOCAL.addSubnet('169.254.0.0', 16, 'ipv4');
LINK_LOCAL.addSubnet('fe80::', 10, 'ipv6');
// The same written as an IPv6 address: mapped, compatible, and through NAT64.
LINK_LOCAL.addSubnet('::ffff:169.254.0.0', 112, 'ipv6');
LINK_LOCAL.addSubnet('::169.254.0.0', 112, 'ipv6');
LINK_LOCAL.addSubnet('64:ff9b::169.254.0.0', 112, 'ipv6');

/** @param address an IP address, as a name resolves to */
export function isLinkLocal(address: string): boolean {
  const [bare = ''] = address.split('%');
  const family = isIP(bare);
  return family !== 0 && LINK_LOCAL.check(bare, family === 4 ? 'ipv4' : 'ipv6');
}

/** @returns why an endpoint must not be probed, undefined where it may; a name is looked at again when it has been resolved */
export function endpointFault(endpoint: string): string | undefined {
  if (!URL.canParse(endpoint)) return 'it is no address';
  const { protocol, hostname } = new URL(endpoint);
  if (protocol !== 'http:' && protocol !== 'https:') return 'only http and https are probed';
  // An IPv6 address stands in brackets.
  return isLinkLocal(hostname.replace(/^\[|\]$/g, '')) ? 'link-local addresses are not probed' : undefined;
}
