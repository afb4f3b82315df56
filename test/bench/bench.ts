import { bundleFigures } from './bundles.ts';
import { table } from './figure.ts';
import { systemFigures } from './system.ts';

const bundles = await bundleFigures();
console.log(
  table('Bundles (size minified; init = whole process against bare node, median of 15 pairs)', bundles),
);
const system = await systemFigures();
console.log(table('The whole system on this machine', system));
const missed = [...bundles, ...system].filter(({ reached }) => reached === false);
if (missed.length > 0) {
  console.log(`\n${missed.length} target(s) missed.`);
}
