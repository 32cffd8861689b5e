import { lookup as resolve } from 'node:dns';
import { get as getHttp } from 'node:http';
import { get as getHttps } from 'node:https';
import type { LookupFunction } from 'node:net';
import { endpointFault, isLinkLocal } from './probe-address.ts';

/** Asks one endpoint. Resolves with the status of the answer; rejects where there is none. Must end with the signal. */
export type ProbeRequest = (endpoint: string, signal: AbortSignal) => Promise<number>;

/**
 * A GET over http or https. Redirects are not followed (they are the status that they are), and no connection is made to a
 * link-local address: it is looked at where the name has been resolved, so that no later answer of the name server can change it.
 */
export const httpProbe: ProbeRequest = (endpoint, signal) =>
  new Promise((done, reject) => {
    const fault = endpointFault(endpoint);
    if (fault) return reject(new Error(fault));
    const get = endpoint.startsWith('https:') ? getHttps : getHttp;
    // No agent: a probe asks whether a connection can be made.
    const request = get(endpoint, { signal, lookup: publicLookup, agent: false }, (response) => {
      response.destroy();
      done(response.statusCode ?? 0);
    });
    request.on('error', reject);
  });

/** The system's resolver, but a name with a link-local address among its addresses has none. */
const publicLookup: LookupFunction = (hostname, options, callback) => {
  resolve(hostname, { ...options, all: true }, (error, addresses) => {
    if (error) return callback(error, '', 0);
    const [first] = addresses;
    if (!first || addresses.some(({ address }) => isLinkLocal(address))) {
      return callback(new Error(`${hostname} has a link-local address, which is not probed`), '', 0);
    }
    if (options.all) callback(null, addresses);
    else callback(null, first.address, first.family);
  });
};
