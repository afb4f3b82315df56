// GSM 03.38: the basic alphabet costs one place per character, the extension table two.
const basic = new Set(
  '@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !"#¤%&\'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà',
);
const extension = new Set('^{}\\[~]|€\f');

/** How many SMS segments a text takes: 160/153 places in GSM-7, 70/67 in UCS-2. */
export function segmentsOf(body: string): number {
  const characters = Array.from(body);
  const isGsm = characters.every((character) => basic.has(character) || extension.has(character));
  if (!isGsm) return body.length <= 70 ? 1 : Math.ceil(body.length / 67);
  const places = characters.reduce((sum, character) => sum + (extension.has(character) ? 2 : 1), 0);
  return places <= 160 ? 1 : Math.ceil(places / 153);
}
