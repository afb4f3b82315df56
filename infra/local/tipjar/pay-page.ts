import type { Session } from './session.ts';
import type { Delivery } from './webhooks.ts';

/** Where a person pays. `problem` says what was wrong with the amount entered before. */
export function payPage(session: Session, problem?: string): string {
  if (session.status !== 'open')
    return page('Already paid', '<p>This link has been paid already. Thank you!</p>');
  const amount = session.amount_cents === undefined ? '' : dollars(session.amount_cents);
  return page(
    'Pay with TipJar',
    `<p>${escape(session.description)}</p>
${problem === undefined ? '' : `<p role="alert"><strong>${escape(problem)}</strong></p>`}
<form method="post" action="/pay/${encodeURIComponent(session.session_id)}">
<label for="amount">Amount in US dollars</label>
<input id="amount" name="amount" inputmode="decimal" placeholder="50.00" value="${escape(amount)}" required autofocus>
<button type="submit">Pay</button>
</form>
<p><small>A stand-in on this machine: no money moves. It is for the DJ <code>${escape(session.dj_profile_id)}</code>.</small></p>`,
  );
}

/** What a person sees after paying: what was paid, and whether the DJ's system has taken note. */
export function paidPage(amountCents: number, paymentId: string, deliveries: Delivery[]): string {
  const last = deliveries.at(-1);
  const isBooked = last !== undefined && last.status !== null && last.status < 300;
  const sentence = isBooked
    ? 'The DJ has been told.'
    : `The DJ could not be told: the webhook got ${last?.status ?? 'no answer'} after ${deliveries.length} attempts.`;
  return page(
    'Thank you',
    `<p>You paid <strong>$${dollars(amountCents)}</strong>.</p><p>${escape(sentence)}</p><p><small>Receipt ${escape(paymentId)}</small></p>`,
  );
}

export function missingPage(): string {
  return page('Not found', '<p>There is no such payment link.</p>');
}

function page(title: string, content: string): string {
  return `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escape(title)}</title>
<style>body{font:1.1rem/1.5 system-ui,sans-serif;max-width:26rem;margin:3rem auto;padding:0 1rem}label{display:block}input,button{font:inherit;padding:.5rem;margin:.25rem 0 1rem;width:100%;box-sizing:border-box}</style>
<h1>${escape(title)}</h1>
${content}
</html>
`;
}

function dollars(cents: number): string {
  return (cents / 100).toFixed(2);
}

function escape(text: string): string {
  return text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}
