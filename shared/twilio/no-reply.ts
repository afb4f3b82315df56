/** Answers a text with none: Twilio itself replies to STOP, START and HELP. */
export const noReply = '<?xml version="1.0" encoding="UTF-8"?><Response/>';
