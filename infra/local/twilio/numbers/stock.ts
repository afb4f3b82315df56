import { derive } from '../sids.ts';
import { areaCodesOf, type Country, placeOf, tollFreeCodes } from './area-codes.ts';

export type NumberType = 'Local' | 'TollFree';

/** Numbers nobody owns yet. Only 555-0100 to 555-0199, which no real person can have. */
export class Stock {
  readonly #seed: number;
  readonly #isOwned: (phoneNumber: string) => boolean;
  readonly #limits = new Map<string, Set<string>>();
  readonly #shuffled = new Map<string, string[]>();

  constructor(seed: number, isOwned: (phoneNumber: string) => boolean) {
    this.#seed = seed;
    this.#isOwned = isOwned;
  }

  /** What is left to buy in each area code that was limited. */
  get state(): Map<string, Set<string>> {
    return this.#limits;
  }

  restore(state: ReadonlyMap<string, Set<string>>): void {
    for (const [areaCode, left] of state) this.#limits.set(areaCode, left);
  }

  /** Leaves exactly `count` (at most 100) numbers to buy in an area code, or in each area code of a country. */
  limit(country: Country, areaCode: string | undefined, count: number): void {
    if (areaCode !== undefined) {
      this.#limits.set(areaCode, new Set(this.#free(areaCode).slice(0, count)));
      return;
    }
    for (const code of [...areaCodesOf(country), ...tollFreeCodes])
      this.#limits.set(code, new Set(this.#free(code).slice(0, count)));
  }

  /** What can be bought in these area codes, in the seed's order. */
  available(areaCodes: string[]): string[] {
    return areaCodes.flatMap((areaCode) => {
      const limit = this.#limits.get(areaCode);
      return this.#free(areaCode).filter((phoneNumber) => limit?.has(phoneNumber) ?? true);
    });
  }

  has(phoneNumber: string): boolean {
    return this.available([phoneNumber.slice(2, 5)]).includes(phoneNumber);
  }

  /** The area codes a search covers when it names none. */
  areaCodes(country: Country, type: NumberType): string[] {
    const codes = type === 'TollFree' ? [...tollFreeCodes] : areaCodesOf(country);
    return codes.sort((a, b) => this.#order('code', a, b));
  }

  #free(areaCode: string): string[] {
    if (placeOf(`+1${areaCode}5550100`) === undefined && !tollFreeCodes.includes(areaCode)) return [];
    return this.#numbersOf(areaCode).filter((phoneNumber) => !this.#isOwned(phoneNumber));
  }

  #numbersOf(areaCode: string): string[] {
    const known = this.#shuffled.get(areaCode);
    if (known) return known;
    const rank = new Map<string, string>();
    for (let line = 0; line < 100; line += 1) {
      const phoneNumber = `+1${areaCode}55501${String(line).padStart(2, '0')}`;
      rank.set(phoneNumber, derive(this.#seed, 'stock', phoneNumber));
    }
    const numbers = [...rank.keys()].sort((a, b) => ((rank.get(a) ?? '') < (rank.get(b) ?? '') ? -1 : 1));
    this.#shuffled.set(areaCode, numbers);
    return numbers;
  }

  #order(kind: string, a: string, b: string): number {
    return derive(this.#seed, kind, a) < derive(this.#seed, kind, b) ? -1 : 1;
  }
}
