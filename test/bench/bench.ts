import { bundleFigures } from './bundles.ts';
import { table } from './figure.ts';
import { loadFigures } from './load.ts';
import { systemFigures } from './system.ts';

const parts = {
  bundles: [
    'Bundles (size minified; init = whole process against bare node, median of 15 pairs)',
    bundleFigures,
  ],
  system: ['The whole system on this machine', systemFigures],
  load: ['2,000 calls, 20 at once', loadFigures],
} as const;

const wanted = process.argv.slice(2);
const unknown = wanted.filter((name) => !(name in parts));
if (unknown.length > 0) {
  console.error(`There is no benchmark ${unknown.join(', ')}; there are ${Object.keys(parts).join(', ')}.`);
  process.exit(2);
}
let missed = 0;
for (const [name, [title, figuresOf]] of Object.entries(parts)) {
  if (wanted.length > 0 && !wanted.includes(name)) continue;
  const figures = await figuresOf();
  console.log(table(title, figures));
  missed += figures.filter(({ reached }) => reached === false).length;
}
if (missed > 0) console.log(`\n${missed} target(s) missed.`);
