export type Method = 'GET' | 'POST';

/** The method an attribute or setting names; POST unless it says GET. */
export function methodOf(name: string | undefined): Method {
  return name?.toUpperCase() === 'GET' ? 'GET' : 'POST';
}
