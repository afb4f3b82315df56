interface Operation {
  method: 'GET' | 'POST' | 'DELETE';
  path: string;
  /** What Twilio is asked to do, as the end of "Twilio was asked to". */
  does: string;
}

const account = '/2010-04-01/Accounts/{account}';
const service = '/v1/Services/{service}';

/** Everything that we ask of Twilio's REST API. What its answers mean stands in `meanings`. */
export const operations = {
  searchNumbers: {
    method: 'GET',
    path: `${account}/AvailablePhoneNumbers/{country}/Local.json`,
    does: 'search for numbers to buy',
  },
  buyNumber: { method: 'POST', path: `${account}/IncomingPhoneNumbers.json`, does: 'sell a number' },
  listNumbers: {
    method: 'GET',
    path: `${account}/IncomingPhoneNumbers.json`,
    does: 'list the numbers of the account',
  },
  configureNumber: {
    method: 'POST',
    path: `${account}/IncomingPhoneNumbers/{number}.json`,
    does: 'set the webhooks of a number',
  },
  releaseNumber: {
    method: 'DELETE',
    path: `${account}/IncomingPhoneNumbers/{number}.json`,
    does: 'take a number back',
  },
  readService: { method: 'GET', path: service, does: 'show the Messaging Service' },
  updateService: {
    method: 'POST',
    path: service,
    does: "make the Messaging Service use its numbers' webhooks",
  },
  listServiceNumbers: {
    method: 'GET',
    path: `${service}/PhoneNumbers`,
    does: 'list the numbers of the Messaging Service',
  },
  addServiceNumber: {
    method: 'POST',
    path: `${service}/PhoneNumbers`,
    does: 'put a number into the Messaging Service',
  },
  sendMessage: { method: 'POST', path: `${account}/Messages.json`, does: 'send a text' },
  listMessages: { method: 'GET', path: `${account}/Messages.json`, does: 'list the texts to a phone' },
  readCall: { method: 'GET', path: `${account}/Calls/{call}.json`, does: 'show a call' },
  listCalls: { method: 'GET', path: `${account}/Calls.json`, does: 'list the legs of a call' },
  readRecording: {
    method: 'GET',
    path: `${account}/Recordings/{recording}.mp3`,
    does: 'hand out a recording',
  },
  deleteRecording: {
    method: 'DELETE',
    path: `${account}/Recordings/{recording}.json`,
    does: 'delete a recording',
  },
  listTranscriptions: {
    method: 'GET',
    path: `${account}/Recordings/{recording}/Transcriptions.json`,
    does: 'list the transcriptions of a recording',
  },
  deleteTranscription: {
    method: 'DELETE',
    path: `${account}/Recordings/{recording}/Transcriptions/{transcription}.json`,
    does: 'delete a transcription',
  },
  readBalance: { method: 'GET', path: `${account}/Balance.json`, does: 'tell the balance of the account' },
} as const satisfies Record<string, Operation>;

export type OperationName = keyof typeof operations;
