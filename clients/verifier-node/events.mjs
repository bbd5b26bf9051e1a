// Server-sent events out of a stream of text, however it is cut
// (https://html.spec.whatwg.org/multipage/server-sent-events.html).

const LARGEST = 16 * 1024 * 1024; // characters of one event

export class EventParser {
  #line = []; // the pieces of the line that has not ended yet
  #size = 0; // of the event so far
  #event = "";
  #data = [];
  #afterReturn = false;

  /** The events that end in this piece of text: `{ event, data }`. Throws if one is too large. */
  push(text) {
    const events = [];
    if (text === "") return events;
    // CR LF is one end of a line, even if the next piece begins with the LF.
    const lines = (this.#afterReturn ? text.replace(/^\n/, "") : text).split(/\r\n|\n|\r/);
    this.#afterReturn = text.endsWith("\r");
    for (const [i, piece] of lines.entries()) {
      this.#size += piece.length;
      if (this.#size > LARGEST) throw new Error("an event is too large");
      this.#line.push(piece);
      if (i < lines.length - 1) {
        this.#take(this.#line.join(""), events);
        this.#line = [];
      }
    }
    return events;
  }

  #take(line, events) {
    if (line === "") {
      const { event, data } = { event: this.#event || "message", data: this.#data.join("\n") };
      if (this.#data.length > 0) events.push({ event, data });
      [this.#event, this.#data, this.#size] = ["", [], 0];
      return;
    }
    const [, field, value] = /^([^:]*)(?:: ?(.*))?$/s.exec(line);
    if (field === "event") this.#event = value ?? "";
    if (field === "data") this.#data.push(value ?? "");
    // Nothing else means anything here; a line that begins with a colon is a comment.
  }
}
