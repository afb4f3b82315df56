import * as z from 'zod';

/** An id as the table or a queue keeps it: it was checked when it was written. */
export const keptId = <Id extends string>() => z.custom<Id>((text) => typeof text === 'string');
