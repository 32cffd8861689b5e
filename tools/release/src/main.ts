/** `npm run packages`: shows that every package works for someone who installs it. Ends with 0 only if nothing is wrong. */
import { fileURLToPath } from 'node:url';
import { checkPackages } from './check-packages.ts';

const reports = await checkPackages(fileURLToPath(new URL('../../../', import.meta.url)));
for (const { name, version, exports, faults } of reports) {
  console.log(`${faults.length === 0 ? '✓' : '✗'} ${name}@${version}  ${exports.length} exports`);
  for (const fault of faults) console.log(`    ${fault}`);
}
process.exitCode = reports.every(({ faults }) => faults.length === 0) ? 0 : 1;
