/** Counts what arrived while nobody was looking, in the title of the tab. */
export class Unread {
  /** `told(count)` hears of every change. */
  constructor(log, title, told = () => {}) {
    Object.assign(this, { title, told, count: 0, away: false });
    log.addEventListener("shown", (event) => event.detail.type === "reply" && this.#arrived());
    document.addEventListener("visibilitychange", () => this.#look());
    window.addEventListener("focus", () => this.#look());
    this.write();
  }

  /** Whether the person cannot see the page although its tab is open: the widget is closed. */
  setAway(away) {
    this.away = away;
    this.#look();
  }

  write() {
    document.title = this.count ? `(${this.count}) ${this.title()}` : this.title();
  }

  #arrived() {
    if (document.visibilityState === "hidden" || this.away) this.#set(this.count + 1);
  }

  #look() {
    if (document.visibilityState === "visible" && !this.away) this.#set(0);
  }

  #set(count) {
    if (this.count === count) return;
    this.count = count;
    this.write();
    this.told(count);
  }
}
