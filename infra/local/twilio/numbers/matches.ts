/** Twilio's number patterns: `*` one character, `%` any run, letters as on a keypad, `+` the start, `$` the end. */
export function matchesPattern(phoneNumber: string, pattern: string): boolean {
  const anchored = pattern.startsWith('+');
  const ended = pattern.endsWith('$');
  const keys = pattern.slice(anchored ? 1 : 0, ended ? -1 : undefined).replace(/%+/g, '%');
  const source = Array.from(keys, (key) => {
    if (key === '*') return '\\d';
    if (key === '%') return '\\d*';
    return /\d/.test(key) ? key : keypadDigit(key);
  }).join('');
  return new RegExp(`${anchored ? '^' : ''}${source}${ended ? '$' : ''}`).test(phoneNumber.slice(1));
}

/** Whether `pattern` is one that `Contains` accepts (2 to 16 characters). */
export function isPattern(pattern: string): boolean {
  return /^\+?[\da-zA-Z*%]{1,16}\$?$/.test(pattern) && pattern.length >= 2 && pattern.length <= 16;
}

function keypadDigit(letter: string): string {
  const groups = ['abc', 'def', 'ghi', 'jkl', 'mno', 'pqrs', 'tuv', 'wxyz'];
  return String(groups.findIndex((group) => group.includes(letter.toLowerCase())) + 2);
}
