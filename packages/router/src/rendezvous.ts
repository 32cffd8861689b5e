/** 32 bits of FNV-1a, finished as in MurmurHash3 so that similar names lie far apart. */
function hash(text: string, seed: number): number {
  let value = 0x811c9dc5 ^ seed;
  for (let i = 0; i < text.length; i++) value = Math.imul(value ^ text.charCodeAt(i), 0x01000193);
  value = Math.imul(value ^ (value >>> 16), 0x85ebca6b);
  value = Math.imul(value ^ (value >>> 13), 0xc2b2ae35);
  return (value ^ (value >>> 16)) >>> 0;
}

/**
 * Weighted rendezvous hashing (Schindelhauer and Schomaker, Weighted Distributed Hash Tables, 2005): the node with the highest score is a
 * key's home. A node that leaves moves its own keys only, a node that comes takes its share from all.
 */
export function rendezvousScore(key: string, node: string, weight: number): number {
  const unit = (hash(node, hash(key, 0)) + 0.5) / 2 ** 32;
  return -weight / Math.log(unit);
}
