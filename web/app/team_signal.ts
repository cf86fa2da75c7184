// Sound and desktop notices. Both are off until the person asks for them, both
// carry no topic, no name and no text, and neither is ever the only signal.

/** Chime plays two short tones without any sound file. */
export class Chime {
  #context: AudioContext | null = null;
  on = false;

  /** enable must be called from a click or key press: browsers only then allow sound. */
  enable(): void {
    this.#context ??= new AudioContext();
    void this.#context.resume();
    this.on = true;
  }

  disable(): void {
    this.on = false;
  }

  play(): void {
    const context = this.#context;
    if (!this.on || !context) return;
    this.#tone(context, 660, 0);
    this.#tone(context, 880, 0.18);
  }

  #tone(context: AudioContext, hertz: number, delay: number): void {
    const start = context.currentTime + delay;
    const gain = context.createGain();
    gain.gain.setValueAtTime(0.0001, start);
    gain.gain.exponentialRampToValueAtTime(0.2, start + 0.02);
    gain.gain.exponentialRampToValueAtTime(0.0001, start + 0.16);
    const oscillator = context.createOscillator();
    oscillator.frequency.value = hertz;
    oscillator.connect(gain).connect(context.destination);
    oscillator.start(start);
    oscillator.stop(start + 0.17);
  }
}

/** DesktopNotice shows one neutral line while the page is not being looked at. */
export class DesktopNotice {
  on = false;
  #shown: Notification | null = null;

  static available(): boolean {
    return "Notification" in window;
  }

  /** enable asks the browser; false means that the person or the browser said no. */
  async enable(): Promise<boolean> {
    this.on = DesktopNotice.available() && (await Notification.requestPermission()) === "granted";
    return this.on;
  }

  disable(): void {
    this.on = false;
    this.#shown?.close();
  }

  show(line: string): void {
    if (!this.on || !document.hidden) return;
    this.#shown?.close();
    const notice = new Notification(line, { tag: "lotse-desk" });
    notice.onclick = () => {
      window.focus();
      notice.close();
    };
    this.#shown = notice;
  }
}
