/** What of a call is recorded: the conversation, or what the caller said when nobody answered. */
export const recordingKinds = ['call', 'voicemail'] as const;

export type RecordingKind = (typeof recordingKinds)[number];
