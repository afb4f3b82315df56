/** No name is longer; the rest of a longer text is not searched. */
const nameCharactersMax = 200;

/** Characters that turn the direction of what follows: what is read is not what is written. */
const turning = /[\u202a-\u202e\u2066-\u2069]/;

const addresses = [
  // A domain: a dot between letters or digits with at least two letters behind it.
  /[\p{L}\p{N}-][.\u3002]\p{L}{2}/u,
  /\p{Nd}(\.\p{Nd}{1,3}){3}/u,
  /:\/\/|\b(www\.|(https?|tel|sms|mailto):)/i,
  // A phone number: seven digits without a letter between them, whatever else stands there.
  /\p{Nd}([^\p{L}\p{Nd}]*\p{Nd}){6}/u,
];

/**
 * What is wrong with a name that callers are shown in texts, in words for whoever wrote it; undefined when it is a name.
 * A text of ours must carry no address or phone number of somebody else.
 */
export function problemOfName(name: string): string | undefined {
  const searched = name.slice(0, nameCharactersMax);
  if (turning.test(searched)) return 'must not contain text-direction control characters';
  if (hasAddress(searched))
    return 'must be a name, without a web address, an e-mail address or a phone number; after a dot write a space, as in "Dr. Ben"';
  return undefined;
}

/** The name, or nothing where it is none, as names may be that were stored before they were checked. */
export function nameOrNothing(name: string): string {
  return problemOfName(name) === undefined ? name : '';
}

/** Letters are read without accents, wide ones as ordinary ones, and without what nobody sees between them. */
function hasAddress(text: string): boolean {
  const plain = text.normalize('NFKD').replace(/[\p{M}\p{Cf}]/gu, '');
  return addresses.some((address) => address.test(plain));
}
