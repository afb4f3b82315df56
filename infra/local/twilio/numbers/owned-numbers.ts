import type { OwnedNumber } from '../entities.ts';

/** The numbers of all accounts, by SID and by phone number, in the order they were bought. */
export class OwnedNumbers {
  readonly #bySid = new Map<string, OwnedNumber>();
  readonly #byPhone = new Map<string, OwnedNumber>();

  add(number: OwnedNumber): void {
    this.#bySid.set(number.sid, number);
    this.#byPhone.set(number.phoneNumber, number);
  }

  remove(number: OwnedNumber): void {
    this.#bySid.delete(number.sid);
    this.#byPhone.delete(number.phoneNumber);
  }

  get(sid: string): OwnedNumber | undefined {
    return this.#bySid.get(sid);
  }

  withPhone(phoneNumber: string): OwnedNumber | undefined {
    return this.#byPhone.get(phoneNumber);
  }

  list(): OwnedNumber[] {
    return [...this.#bySid.values()];
  }
}
