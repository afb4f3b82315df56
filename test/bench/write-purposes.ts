/** What the writes of a call are for, by function and entity of the item. */
export const writePurposes: Readonly<Record<string, string>> = {
  'calls.answerCall call-count': "the phone's calls to the number on this day, against the daily limit",
  'calls.answerCall call': "the call came in, and where it leads; it joins the DJ's calls and the open ones",
  'calls.completeDial call': 'how forwarding ended, and how long they talked',
  'calls.recordCallStatus call': "the caller's leg ended",
  'messages.sendFollowUp last-text': "the phone's turn with this DJ: one link a day",
  'messages.sendFollowUp allowance':
    'one text more, of the phone, for the DJ, and of the account on this day',
  'messages.sendFollowUp session': 'which call the payment session is of',
  'messages.sendFollowUp call':
    'the claim on the text with its words and session, before they are sent; that it was sent, which takes the call off the open ones',
  'messages.sendFollowUp sent-text': 'the text in the thread of caller and DJ, before it is sent',
  'messages.recordDelivery call': 'how delivery ended',
  'analytics.aggregateCalls usage': 'how often the number was called, and when last',
  'analytics.aggregateCalls counted':
    'what of the call stands in the counters; it joins the calls of its day',
  'analytics.aggregateCalls stats-day': "counters of the DJ's day",
  'analytics.aggregateCalls stats-month': "counters of the DJ's month",
  'analytics.aggregateCalls stats-platform': "counters of the platform's day",
  'platformEvents.deliverEvent event-sequence':
    'the number of the event among those of its entity, the same after a crash',
  'platformEvents.deliverEvent event': 'what the platform was told, and that it has it',
  'tipjar.receivePayment payment': 'the payment as it is booked',
  'tipjar.receivePayment payment-event': 'what TipJar told of it',
  'tipjar.receivePayment ledger-entry': 'the two transfers of its double entry',
  'tipjar.receivePayment balance': "what the DJ's month comes to",
  'tipjar.receivePayment call': "the call's totals",
};
