const rate = 8000;
// A recording only has to be playable: longer ones would fill the memory of a load test.
const secondsMax = 3;

/** A WAV file (8 kHz, 8 bit, mono) with a soft 440 Hz tone of up to three seconds. */
export function toneWav(seconds: number): Buffer {
  const samples = Math.round(Math.min(Math.max(seconds, 1), secondsMax) * rate);
  const wav = Buffer.alloc(44 + samples);
  wav.write('RIFF', 0);
  wav.writeUInt32LE(36 + samples, 4);
  wav.write('WAVEfmt ', 8);
  wav.writeUInt32LE(16, 16);
  wav.writeUInt16LE(1, 20);
  wav.writeUInt16LE(1, 22);
  wav.writeUInt32LE(rate, 24);
  wav.writeUInt32LE(rate, 28);
  wav.writeUInt16LE(1, 32);
  wav.writeUInt16LE(8, 34);
  wav.write('data', 36);
  wav.writeUInt32LE(samples, 40);
  for (let sample = 0; sample < samples; sample += 1) {
    wav[44 + sample] = 128 + Math.round(40 * Math.sin((2 * Math.PI * 440 * sample) / rate));
  }
  return wav;
}

// MPEG 2.5 layer III, 32 kbit/s, 8 kHz, mono: a frame is 288 bytes and 72 ms long, and one without data is silent.
const frameHeader = Buffer.from([0xff, 0xe3, 0x48, 0xc0]);
const frameBytes = 288;
const frameSeconds = 0.072;

/** An MP3 file of up to three silent seconds. */
export function silentMp3(seconds: number): Buffer {
  const frames = Math.round(Math.min(Math.max(seconds, 1), secondsMax) / frameSeconds);
  const mp3 = Buffer.alloc(frames * frameBytes);
  for (let frame = 0; frame < frames; frame += 1) frameHeader.copy(mp3, frame * frameBytes);
  return mp3;
}
